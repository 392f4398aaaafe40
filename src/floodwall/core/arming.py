"""The numbers behind arming: what a queue takes, when it is in danger, how long entries live."""

from floodwall.core.commands import Limits
from floodwall.core.model import Reading, Service, StackLimits
from floodwall.core.settings import ServiceMode

SYN_ACK_TIMEOUT_S = 1
"""First wait for the answer to a SYN-ACK: TCP_TIMEOUT_INIT, RFC 6298 section 2."""

LONGEST_TIMEOUT_S = 120
"""Each wait is twice the one before, up to TCP_RTO_MAX."""

UNSCALED_WINDOW_MAX = 65535
"""The window field of a SYN-ACK is never scaled, RFC 7323 section 2.2."""

WINDOW_SCALE_MAX = 14
"""RFC 7323 section 2.3."""


def queue_capacity(backlog: int, stack: StackLimits) -> int:
    """Return how many half-open connections a listener takes.

    Without SYN cookies the kernel keeps the last quarter of tcp_max_syn_backlog for peers that it
    knows (tcp_conn_request()), so that strangers get three quarters.
    """
    capacity = min(backlog, stack.somaxconn)
    if stack.tcp_syncookies == 0:
        capacity = min(capacity, stack.tcp_max_syn_backlog * 3 // 4)
    return max(capacity, 1)


def marks(capacity: int, high_share: float, low_share: float) -> tuple[int, int]:
    """Return the pending handshakes above which a service arms and below which it is calm."""
    high = max(1, int(capacity * high_share))
    return high, min(high, max(1, int(capacity * low_share)))


def half_open_lifetime_s(synack_retries: int) -> int:
    """Return how long an unanswered entry stays in the queue: 63 s for 5 retries."""
    waits = (SYN_ACK_TIMEOUT_S << n for n in range(synack_retries + 1))
    return sum(min(wait, LONGEST_TIMEOUT_S) for wait in waits)


def initial_window(receive_buffer_bytes: int, mss: int) -> int:
    """Return the window that a listener's SYN-ACK announces: half its buffer, in whole segments."""
    window = min(receive_buffer_bytes // 2, UNSCALED_WINDOW_MAX)
    return max(window // mss, 1) * mss


def window_scale(largest_receive_buffer_bytes: int) -> int:
    """Return the scale that the kernel would choose, tcp_select_initial_window()."""
    return min(max(largest_receive_buffer_bytes.bit_length() - 16, 0), WINDOW_SCALE_MAX)


def is_armed(service: Service, limits: Limits, reading: Reading | None, now_ns: int) -> bool:
    """Tell whether SYNs to a service are challenged, by the rule of the data plane."""
    if service.mode is ServiceMode.OBSERVE:
        return False
    if service.mode is ServiceMode.ARMED or now_ns < limits.forced_until_ns:
        return True
    return reading is not None and now_ns < reading.armed_until_ns
