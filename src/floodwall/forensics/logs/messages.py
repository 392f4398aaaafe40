"""What the kernel says during floods, message by message, over 25 years of versions.

The exact words and the versions that print them are listed in docs/analyze.md.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import ip_address

from floodwall.core.address import Address
from floodwall.forensics.evidence import Sign

LARGEST_COUNT = 2**53  # beyond it a count is a lie; what is above counts as this and is told

_MARKS = (
    b"open request", b"SYN flood", b"synflood", b"droping syn", b"suppressed", b"table full",
    b"overflow", b"orphaned", b"of socket memory", b"of memory", b"Treason", b"shrunk window",
    b"tcpflags 0x", b"printk messages", b" PROTO=",
)  # fmt: skip
LITERALS = (*_MARKS, b"repeated ")
"""One of these is in every line that matters; each has seven bytes or more."""
# The same, and nothing else is opened.
INTERESTING = re.compile(b"|".join(map(re.escape, _MARKS)) + rb"|repeated \d")
_DROP = re.compile(rb"TCP: drop open request from (\S{1,64})/(\S{1,12})\s*$")
_OLD_FLOOD = re.compile(
    rb"Warning: possible SYN flood from (\S{1,64}) on (\S{1,64}):(\d{1,5})\.\s+Sending cookies"
)
_FLOOD = re.compile(
    rb"(?:TCP: )?(?:(?:TCP|TCPv6|request_sock_\w{1,32}): )?[Pp]ossible SYN flooding on port "
    rb"(?:(\[[0-9A-Fa-f:.]{2,45}\]|\d[\d.]{6,15}):)?(\d{1,5})\."
    rb"(?:\s+(Sending cookies|Dropping request)\.)?(?:\s+Check SNMP counters\.)?\s*$"
)
_SUPPRESSED = re.compile(
    rb"(NET|printk|__ratelimit|net_ratelimit): (-?\d{1,400}) (?:messages|callbacks) suppressed"
)
_TABLE_FULL = (
    rb"(?:nf_conntrack: ){0,2}(?:ip_conntrack: )?table full(?: in netns \d+)?, dropping packet"
)
_BAD_COOKIE = (
    rb"TCP: \[.{0,64}\]:\d+ to \[.{0,64}\]:\d+ tcpflags 0x\w+<[\w,]*>; syncache_expand: Segment "
    rb"failed SYNCOOKIE"
)
_OTHER = (
    (rb"TCPv6: dropping request, synflood is possible", Sign.POSSIBLE_FLOOD),
    (rb"droping syn ack:", Sign.POSSIBLE_FLOOD),
    (_TABLE_FULL, Sign.CONNTRACK_FULL),
    (rb"(?:TCP: )?too many (?:of )?orphaned sockets", Sign.ORPHANS),
    (rb"Out of socket memory|TCP: out of memory -- consider tuning", Sign.SOCKET_MEMORY),
    (rb"(?:TCP: )?time wait bucket table overflow", Sign.TIME_WAIT),
    (rb"(?:\w+: )?dst cache overflow", Sign.ROUTE_CACHE),
    (rb"(?:\w+: ){0,2}[Nn]eighbou?r table overflow", Sign.NEIGHBOURS),
    (rb"TCP: (?:Treason uncloaked!|Peer \S{1,64} unexpectedly shrunk window)", Sign.SHRUNK_WINDOW),
    (rb"\*\* \d+ printk messages dropped", Sign.MESSAGES_LOST),
    (_BAD_COOKIE, Sign.COOKIE_FAILED),
)
_OTHERS = tuple((re.compile(pattern), sign) for pattern, sign in _OTHER)
_SONEWCONN = re.compile(
    rb"sonewconn: pcb 0x[0-9a-f]+(?: \(\[?([0-9A-Fa-f:.*]{0,45})\]?:(\d{1,5}) \(proto 6\)\))?: "
    rb"Listen queue overflow(?:: \d+ already in queue awaiting acceptance)?"
    rb"(?: \((\d{1,18}) occurrences\))?"
)


class Scope(Enum):
    """Which messages a count of suppressed ones may hide."""

    NETWORK = auto()
    ANY = auto()
    """Any subsystem: it belongs to the message that is printed next."""


@dataclass(frozen=True, slots=True)
class Drop:
    """`drop open request`; the address is None where somebody made it unreadable."""

    address: Address | None
    port: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """`N messages suppressed`."""

    count: int
    scope: Scope
    saturated: bool = False


@dataclass(frozen=True, slots=True)
class Warned:
    """A message that names no source, or one that tells of a listener."""

    sign: Sign
    port: int = 0
    address: str = ""
    action: str = ""
    count: int = 1
    source: Address | None = None


Message = Drop | Hidden | Warned


def read_message(message: bytes) -> Message | None:  # noqa: PLR0911 # one for each message
    """Return what a kernel message says; None if it is not about this."""
    if found := _DROP.match(message):
        return _drop(found)
    if found := _SUPPRESSED.match(message):
        return _hidden(found)
    if found := _FLOOD.match(message):
        port = int(found[2])
        if port > 65535:
            return None
        address = (found[1] or b"").decode().strip("[]")
        return Warned(Sign.POSSIBLE_FLOOD, port, address, (found[3] or b"").decode().lower())
    if found := _OLD_FLOOD.match(message):
        source = _address(found[1])
        address = found[2].decode("ascii", "replace")
        return Warned(Sign.POSSIBLE_FLOOD, int(found[3]), address, "sending cookies", source=source)
    if found := _SONEWCONN.match(message):
        count = int(found[3] or 1)
        return Warned(
            Sign.LISTEN_OVERFLOW, int(found[2] or 0), (found[1] or b"").decode(), "", count
        )
    for pattern, sign in _OTHERS:
        if pattern.match(message):
            return Warned(sign)
    return None


def _drop(found: re.Match[bytes]) -> Drop:
    port = int(found[2]) if found[2].isdigit() and len(found[2]) <= 5 else -1
    address = _address(found[1])
    if address is None or not 0 <= port <= 65535:
        return Drop(None, 0)
    return Drop(address, port)


def _hidden(found: re.Match[bytes]) -> Hidden:
    scope = Scope.NETWORK if found[1] in (b"NET", b"net_ratelimit") else Scope.ANY
    count = int(found[2])
    if count < 0 or count > LARGEST_COUNT:
        return Hidden(0 if count < 0 else LARGEST_COUNT, scope, saturated=True)
    return Hidden(count, scope)


def _address(text: bytes) -> Address | None:
    try:
        return ip_address(text.decode("ascii"))
    except ValueError:
        return None
