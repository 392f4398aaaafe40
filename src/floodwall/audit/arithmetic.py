"""The sums behind the checks: what a queue takes, how long an entry stays, what rate fills it."""

from floodwall.audit.facts import Release, Scope, UnreadError
from floodwall.core.arming import half_open_lifetime_s

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

_LEAST_SLOTS = 8
"""reqsk_queue_alloc() before 4.4."""


def lifetime_s(retries: int, release: Release) -> int:
    """Return how long an unanswered request stays: 63 s for 5 retries, 189 s before 3.1."""
    if not 0 <= retries <= _MOST_RETRIES:
        raise UnreadError(f"{RETRIES} is {retries}, which no kernel takes")
    if release.since(3, 1):
        return half_open_lifetime_s(retries)
    return sum(min(_FIRST_TIMEOUT_S << n, 120) for n in range(retries + 1))


def slots(backlog: int, scope: Scope, release: Release) -> tuple[int, str]:
    """Return how many requests of strangers a listener keeps, and what limits that."""
    syn_backlog = scope.number(SYN_BACKLOG)
    somaxconn = scope.number(SOMAXCONN)
    if release.since(4, 4):
        room = min(backlog, somaxconn)
        limit = "somaxconn" if somaxconn < backlog else "the backlog of listen()"
    else:
        # reqsk_queue_alloc(): the next power of two above the smallest of the three.
        least = max(min(backlog, somaxconn, syn_backlog), _LEAST_SLOTS)
        room = 1 << least.bit_length()
        limit = "tcp_max_syn_backlog" if syn_backlog < min(backlog, somaxconn) else "the backlog"
    if scope.number(COOKIES) == 0 and syn_backlog * 3 // 4 < room:
        return syn_backlog * 3 // 4, "three quarters of tcp_max_syn_backlog"
    return max(room, 1), limit


def breaking_rate(room: int, retries: int, release: Release) -> tuple[float, str]:
    """Return the SYNs a second that keep a queue full, and the sum."""
    stay = lifetime_s(retries, release)
    rate = room / stay
    return rate, f"{room} entries / {stay} s = {rate:.3g} SYN/s"
