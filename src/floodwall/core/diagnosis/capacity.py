"""How many half-open connections a listener takes, by the kernel that runs it."""

from floodwall.core.arming import queue_capacity
from floodwall.core.model import StackLimits

_BACKLOG_ALONE = (4, 4)
"""Since 4.4 the backlog is the limit: reqsk_queue_alloc() makes no table any more."""

_SMALLEST = 8


def syn_queue_capacity(backlog: int, stack: StackLimits, kernel: tuple[int, int]) -> int:
    """Return the half-open connections that a listener takes on a kernel, by release().

    Before 4.4 the table had a power of two of places above min(backlog, tcp_max_syn_backlog):
    512 for nginx's 511, and 256 for 128, reqsk_queue_alloc().
    """
    if kernel >= _BACKLOG_ALONE:
        return queue_capacity(backlog, stack)
    entries = max(min(backlog, stack.somaxconn, stack.tcp_max_syn_backlog), _SMALLEST)
    table = 1 << entries.bit_length()
    if stack.tcp_syncookies == 0:
        table = min(table, stack.tcp_max_syn_backlog * 3 // 4)
    return max(table, 1)


def release(kernel: str) -> tuple[int, int]:
    """Return the two first numbers of a release like `3.10.0-1160.el7`; unknown is new."""
    numbers = kernel.partition("-")[0].split(".")[:2]
    if len(numbers) < 2 or not all(number.isdecimal() for number in numbers):
        return _BACKLOG_ALONE
    return int(numbers[0]), int(numbers[1])
