"""The sums behind the checks: what a queue takes, how long an entry stays, what rate fills it."""

from dataclasses import replace

from floodwall.audit.facts import Release, Scope, UnreadError
from floodwall.core.arming import half_open_lifetime_s
from floodwall.core.diagnosis.capacity import syn_queue_capacity
from floodwall.core.model import StackLimits

COOKIES = "net.ipv4.tcp_syncookies"
RETRIES = "net.ipv4.tcp_synack_retries"
SYN_BACKLOG = "net.ipv4.tcp_max_syn_backlog"
SOMAXCONN = "net.core.somaxconn"

REQUEST_BYTES = 320
"""Object of the slabs request_sock_TCP and request_sock_TCPv6 in 6.18; older ones need less."""

_FIRST_TIMEOUT_S = 3
"""Before 3.1 the first wait was 3 s; RFC 6298 made it 1 s."""

_MOST_RETRIES = 255
"""The sysctl is a byte, ipv4_net_table."""


def lifetime_s(retries: int, release: Release) -> int:
    """Return how long an unanswered request stays: 63 s for 5 retries, 189 s before 3.1."""
    if not 0 <= retries <= _MOST_RETRIES:
        raise UnreadError(f"{RETRIES} is {retries}, which no kernel takes")
    if release.since(3, 1):
        return half_open_lifetime_s(retries)
    return sum(min(_FIRST_TIMEOUT_S << n, 120) for n in range(retries + 1))


def slots(backlog: int, scope: Scope, release: Release) -> tuple[int, str]:
    """Return how many requests of strangers a listener keeps, and what limits that."""
    stack = StackLimits(scope.number(SOMAXCONN), scope.number(SYN_BACKLOG), scope.number(COOKIES))
    kernel = release.major, release.minor
    room = syn_queue_capacity(backlog, stack, kernel)
    if room < syn_queue_capacity(backlog, replace(stack, tcp_syncookies=1), kernel):
        return room, "three quarters of tcp_max_syn_backlog"
    accepted = min(backlog, stack.somaxconn)
    if not release.since(4, 4):
        return (
            room,
            "tcp_max_syn_backlog" if stack.tcp_max_syn_backlog < accepted else "the backlog",
        )
    return room, "somaxconn" if stack.somaxconn < backlog else "the backlog of listen()"


def breaking_rate(room: int, retries: int, release: Release) -> tuple[float, str]:
    """Return the SYNs a second that keep a queue full, and the sum."""
    stay = lifetime_s(retries, release)
    rate = room / stay
    return rate, f"{room} entries / {stay} s = {rate:.3g} SYN/s"
