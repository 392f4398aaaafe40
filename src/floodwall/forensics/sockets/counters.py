"""Counters of the stack, by name: nstat, /proc/net/netstat and `netstat -s`."""

import re
from collections.abc import Iterable, Iterator

from floodwall.forensics.evidence import CounterSnapshot, Format

_LARGEST = 1 << 64
_LONGEST_LINE = 1 << 16
# What tells about handshakes; columns are added over time, so all is read by name.
WANTED = frozenset(
    """
    SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts ListenOverflows ListenDrops
    TCPReqQFullDoCookies TCPReqQFullDrop TCPTimeWaitOverflow TCPBacklogDrop TCPSynRetrans
    PassiveOpens AttemptFails
    """.split()  # noqa: SIM905 # a list of 13 quoted words would take 13 lines
)
_NSTAT = re.compile(r"(?:TcpExt|Tcp|MPTcpExt)?([A-Za-z]\w{2,60}) +(\d{1,20})(?: |$)")
_NSTAT_JSON = re.compile(r"\"(?:TcpExt|Tcp|MPTcpExt)?([A-Za-z]\w{2,60})\" ?: ?(\d{1,20})\b")
_SAID = (
    (re.compile(r"(\d{1,20}) SYN cookies sent"), "SyncookiesSent"),
    (re.compile(r"(\d{1,20}) SYN cookies received"), "SyncookiesRecv"),
    (re.compile(r"(\d{1,20}) invalid SYN cookies received"), "SyncookiesFailed"),
    (re.compile(r"(\d{1,20}) resets received for embryonic SYN_RECV sockets"), "EmbryonicRsts"),
    (re.compile(r"(\d{1,20}) times the listen queue of a socket overflowed"), "ListenOverflows"),
    (re.compile(r"(\d{1,20}) SYNs to LISTEN sockets (?:dropped|ignored)"), "ListenDrops"),
    (re.compile(r"(\d{1,20}) passive connections? openings?"), "PassiveOpens"),
    (re.compile(r"(\d{1,20}) failed connection attempts"), "AttemptFails"),
)
_NAMED = re.compile(r"\s*(\w{3,60}): (\d{1,20})\s*$")


def read_counters(lines: Iterable[bytes], form: Format) -> Iterator[CounterSnapshot]:
    """Yield the snapshots of a file; a counter that comes again begins a new one."""
    pairs = _pairs(lines, form)
    values: dict[str, int] = {}
    for name, value in pairs:
        if name in values:
            yield CounterSnapshot(tuple(values.items()))
            values = {}
        values[name] = value
    if values:
        yield CounterSnapshot(tuple(values.items()))


def _pairs(lines: Iterable[bytes], form: Format) -> Iterator[tuple[str, int]]:
    texts = (raw[:_LONGEST_LINE].decode("ascii", "replace").rstrip("\r\n") for raw in lines)
    if form is Format.PROC_NET_NETSTAT:
        yield from _columns(texts)
        return
    for text in texts:
        if form is Format.NSTAT and '"' in text:  # `nstat --json`
            found_all = [(one[1], int(one[2])) for one in _NSTAT_JSON.finditer(text)]
            yield from (pair for pair in found_all if pair[0] in WANTED and pair[1] < _LARGEST)
            continue
        found = _spoken(text) if form is Format.NETSTAT_STATISTICS else _counted(text)
        if found and found[0] in WANTED and found[1] < _LARGEST:
            yield found


def _columns(texts: Iterator[str]) -> Iterator[tuple[str, int]]:
    names: list[str] = []
    for text in texts:
        title, _, rest = text.partition(": ")
        words = rest.split(" ")
        if title not in ("TcpExt", "Tcp"):
            continue
        if words[0].lstrip("-").isdigit():
            for name, value in zip(names, words, strict=False):
                if name in WANTED and value.isdigit() and len(value) <= 20:
                    yield name, int(value)
        else:
            names = words


def _counted(text: str) -> tuple[str, int] | None:
    found = _NSTAT.match(text)
    return (found[1], int(found[2])) if found else None


def _spoken(text: str) -> tuple[str, int] | None:
    for pattern, name in _SAID:
        if found := pattern.search(text):
            return name, int(found[1])
    named = _NAMED.match(text)
    return (named[1], int(named[2])) if named else _counted(text)
