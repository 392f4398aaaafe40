"""Values of the core in the data plane."""

import ctypes

import pytest

from floodwall.act.encoding import (
    GUARDS,
    MECHANISMS,
    MODES,
    decode_endpoint,
    decode_guard,
    encode_endpoint,
    encode_guard,
    encode_limits,
    merge_config,
)
from floodwall.core.commands import Limits
from floodwall.core.model import Guard, Mechanism
from floodwall.core.settings import ServiceMode
from floodwall.kernel import _abi as abi
from tests.support.playbook import endpoint
from tests.unit.core.test_upkeep import MACHINE


def test_every_choice_has_its_number() -> None:
    """A new mode, mechanism or guard cannot be forgotten here."""
    assert set(MODES) == set(ServiceMode)
    assert set(MECHANISMS) == set(Mechanism)
    assert set(GUARDS) == set(Guard)
    assert {int(mode) for mode in MODES.values()} == {int(mode) for mode in abi.Mode}
    assert {int(each) for each in MECHANISMS.values()} == {int(each) for each in abi.Mechanism}


@pytest.mark.parametrize("address", ["192.0.2.10", "2001:db8::10"])
def test_endpoints_have_the_layout_of_the_key(address: str) -> None:
    """Struct fw_service_key, with its port in network order."""
    raw = encode_endpoint(endpoint(address, 443))
    key = abi.ServiceKey.from_buffer_copy(raw)

    assert len(raw) == ctypes.sizeof(abi.ServiceKey)
    assert key.port == 443
    assert decode_endpoint(raw) == endpoint(address, 443)


@pytest.mark.parametrize("guard", Guard)
def test_guards_survive_the_map(guard: Guard) -> None:
    """`ban` reads the reason of a refusal from the map."""
    assert decode_guard(encode_guard(guard)) is guard


def test_an_unknown_guard_protects_all_the_same() -> None:
    """It is a newer version's."""
    assert decode_guard((99).to_bytes(4, "little")) is Guard.OPERATOR
    assert decode_guard(bytes(4)) is Guard.OPERATOR


def test_limits_are_written_field_by_field() -> None:
    """Struct fw_limits."""
    raw = encode_limits(
        Limits(ServiceMode.ARMED, Mechanism.STACK, 64, 16, 5, 64240, forced_until_ns=9, reset_seq=3)
    )

    assert (raw.mode, raw.mechanism) == (abi.Mode.ARMED, abi.Mechanism.STACK)
    assert (raw.high, raw.low, raw.hold_ns, raw.window) == (64, 16, 5, 64240)
    assert (raw.forced_until_ns, raw.reset_seq, raw.ack_guard) == (9, 3, 0)


def test_a_merge_keeps_what_is_not_the_machines() -> None:
    """Keys, seed and ban flags belong to others."""
    config = abi.Config(flags=abi.Flag.BANS | abi.Flag.SACK, key_current=1, hash_seed=7)
    merge_config(config, MACHINE)

    assert config.flags == (
        abi.Flag.BANS | abi.Flag.SACK | abi.Flag.WSCALE | abi.Flag.TIMESTAMPS | abi.Flag.ECN
    )
    assert (config.key_current, config.hash_seed) == (1, 7)
    assert (config.debt_source_max, config.mss_ipv4, config.mss_ipv6) == (16, 1460, 1440)
