"""Values of the core as the data plane stores them."""

from floodwall.core.address import pack, unpack
from floodwall.core.commands import Limits, MachineLimits
from floodwall.core.model import Endpoint, Guard, Mechanism
from floodwall.core.settings import ServiceMode
from floodwall.kernel import _abi as abi

MODES = {
    ServiceMode.OBSERVE: abi.Mode.OBSERVE,
    ServiceMode.PROTECT: abi.Mode.AUTO,
    ServiceMode.STRICT: abi.Mode.AUTO,
    ServiceMode.ARMED: abi.Mode.ARMED,
}

MECHANISMS = {
    Mechanism.HANDOVER: abi.Mechanism.HANDOVER,
    Mechanism.STACK: abi.Mechanism.STACK,
    Mechanism.SPLICE: abi.Mechanism.SPLICE,
}

GUARDS = tuple(Guard)
"""The value of a never-ban entry is the place of its reason here, counted from 1."""

_PORT_AT = 16
_LIMIT_FLAGS = (
    abi.Flag.SACK | abi.Flag.WSCALE | abi.Flag.TIMESTAMPS | abi.Flag.ECN | abi.Flag.TRACKED
)


def encode_endpoint(endpoint: Endpoint) -> bytes:
    """Return struct fw_service_key; its port is in network order."""
    return pack(endpoint.address) + endpoint.port.to_bytes(2, "big") + bytes(2)


def decode_endpoint(raw: bytes) -> Endpoint:
    """Read struct fw_service_key."""
    return Endpoint(unpack(raw[:_PORT_AT]), int.from_bytes(raw[_PORT_AT : _PORT_AT + 2], "big"))


def encode_guard(guard: Guard) -> bytes:
    """Return the value of a never-ban entry."""
    return (GUARDS.index(guard) + 1).to_bytes(4, "little")


def decode_guard(raw: bytes) -> Guard:
    """Read the value of a never-ban entry; one that a newer version wrote is the operator's."""
    place = int.from_bytes(raw, "little") - 1
    return GUARDS[place] if 0 <= place < len(GUARDS) else Guard.OPERATOR


def encode_limits(limits: Limits) -> abi.Limits:
    """Return struct fw_limits."""
    return abi.Limits(
        mode=MODES[limits.mode],
        mechanism=MECHANISMS[limits.mechanism],
        high=limits.high,
        low=limits.low,
        hold_ns=limits.hold_ns,
        forced_until_ns=limits.forced_until_ns,
        reset_seq=limits.reset_seq,
        window=limits.window,
        ack_guard=limits.ack_guard,
        rate_drop=limits.rate_drop,
    )


def merge_config(config: abi.Config, limits: MachineLimits) -> None:
    """Put the machine's limits into struct fw_config; keys, seed and ban flags stay."""
    wanted = {
        abi.Flag.SACK: limits.sack,
        abi.Flag.WSCALE: limits.window_scaling,
        abi.Flag.TIMESTAMPS: limits.timestamps,
        abi.Flag.ECN: limits.ecn,
        abi.Flag.TRACKED: limits.tracked,
    }
    config.flags &= ~int(_LIMIT_FLAGS)
    config.flags |= sum(flag for flag, on in wanted.items() if on)
    config.debt_source_max = limits.debt_source_max
    config.debt_port_max = limits.debt_port_max
    config.debt_prefix_max = limits.debt_prefix_max
    config.debt_halving_ns = limits.debt_halving_ns
    config.slice_ns = limits.slice_ns
    config.closed_port_rate = limits.closed_port_rate
    config.authenticated_rate = limits.authenticated_rate
    config.known_rate = limits.known_rate
    config.rate_source_max = limits.rate_source_max
    config.rate_port_max = limits.rate_port_max
    config.mss_ipv4 = limits.mss_ipv4
    config.mss_ipv6 = limits.mss_ipv6
