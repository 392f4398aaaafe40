"""What the sysctls of this network namespace say about queues and TCP options."""

from floodwall.core.errors import NotSupported
from floodwall.core.model import StackLimits
from floodwall.kernel import sysctl

_RMEM_MAX_DEFAULT = 212992
"""SK_RMEM_MAX; net.core.rmem_max exists in the first network namespace only."""


def read_stack_limits() -> StackLimits:
    """Return the limits as they are now."""
    return StackLimits(
        somaxconn=_number("net.core.somaxconn"),
        tcp_max_syn_backlog=_number("net.ipv4.tcp_max_syn_backlog"),
        tcp_syncookies=_number("net.ipv4.tcp_syncookies"),
        tcp_synack_retries=_number("net.ipv4.tcp_synack_retries"),
        tcp_sack=_number("net.ipv4.tcp_sack") != 0,
        tcp_window_scaling=_number("net.ipv4.tcp_window_scaling") != 0,
        tcp_timestamps=_number("net.ipv4.tcp_timestamps") != 0,
        tcp_ecn=_number("net.ipv4.tcp_ecn") != 0,
        largest_receive_buffer_bytes=max(_largest_buffer(), _rmem_max()),
    )


def _number(name: str) -> int:
    return int(sysctl.read(name))


def _largest_buffer() -> int:
    return int(sysctl.read("net.ipv4.tcp_rmem").split()[2])


def _rmem_max() -> int:
    try:
        return _number("net.core.rmem_max")
    except NotSupported:
        return _RMEM_MAX_DEFAULT
