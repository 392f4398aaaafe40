"""The wrapping of a log line: time, host and tag; and whether the kernel itself speaks in it.

Only what stands directly behind the kernel's own tag is the kernel's word.  A user name, a URL or
`logger -t kernel[1]` that looks like one is not trusted.
"""

import json
import re
from dataclasses import dataclass, field, replace

from floodwall.forensics.logs.clock import Clock, month_of
from floodwall.forensics.logs.seam import MOST_HOSTS, Recent, Seam

LONGEST_LINE = 4_096  # bytes that are looked at; a kernel message has at most 1,024
_KERNEL_FACILITY = 8  # priorities below it: RFC 5424 section 6.2.1
_PRIORITY = re.compile(rb"<(\d{1,4})>\s?")
_ISO_START = re.compile(rb"(?:1 )?(\d{4}-\d\d-\d\d[T ][\d:.,]{8,18}(?:Z|[+-]\d\d:?\d\d)?)\s+")
_BSD_START = re.compile(
    rb"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?"
    rb"(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?: (\d{4}))?:?\s+"
)
# What journalctl prints with `-o short-full` and with `-o short-unix`.
_FULL_START = re.compile(
    rb"[A-Z][a-z]{2} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?) ([A-Z]{1,5}|[+-]\d\d(?:\d\d)?) "
)
_UNIX_START = re.compile(rb"(\d{1,11}\.\d{6}) (?=\S{1,255} kernel: )")
_JSON_AHEAD = (b"data: ", b"\x1e")  # `-o json-sse`, and RFC 7464: `-o json-seq`
_FRACTION = re.compile(rb":\d\d[.,](\d{1,9})(?!\d)")
_LONG_DMESG = re.compile(rb"\[(\S+) +(\S+) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})\] ?")
_KMSG = re.compile(rb"(\d{1,4}),\d{1,20},(\d{1,18}),[^;]{0,64};")
_STAMP = re.compile(rb"\[ *(\d{1,12}\.\d{6})\] ?")
_CALLER = re.compile(rb"\[ *[TC]\d+\] ?")
_FOREIGN_BRACKET = re.compile(rb"\[[^\]\s\d][^\]\s]*\] (?=[A-Z][a-z]{2} )")
_FACILITY = re.compile(rb"(\w+)\.\w+ (?=kernel: )")
_TAG = re.compile(rb"(?:(\S{1,255}) (?:kern\.\w{3,7} )?)?kernel: ")  # BusyBox tells the priority
_HOST_TAG = re.compile(rb"(\S{1,255}) kernel: ")
_RFC5424_TAG = re.compile(rb"(\S{1,255}) kernel - \S+ (?:-|(?:\[[^\]]{0,512}\])+) ")
_TIMES = re.compile(rb"\s+(\d{1,9}|X) Time\(s\): (?:kernel: )?")
_REPEATED = re.compile(rb"message repeated (\d{1,9}) times: \[ ?(.*?)\]?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its wrapping."""

    message: bytes
    at: float = float("nan")
    host: bytes = b""
    trusted: bool = True
    count: int = 1
    uptime: bool = False
    """`at` counts from the start of the machine."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The form of a time near the beginning of lines."""

    begin: int
    """Where it begins: behind the priority, if there is one."""
    size: int
    """Where it ends, but for the last space behind it."""
    fraction: int
    """Where the digits of parts of a second begin."""
    fraction_end: int


def stamp_of(raw: bytes) -> Stamp | None:
    """Return the form of the time that a line begins with, behind its priority."""
    priority = _PRIORITY.match(raw)
    begin = priority.end() if priority else 0
    found = _ISO_START.match(raw, begin) or _BSD_START.match(raw, begin)
    if found is None:
        return None
    size = found.end() - 1
    if part := _FRACTION.search(raw, begin, size):
        return Stamp(begin, size, *part.span(1))
    return Stamp(begin, size, size, size)


@dataclass(slots=True)
class Envelopes:
    """Opens the lines of one input."""

    clock: Clock
    _stamped: set[bytes] = field(default_factory=set)
    _plain: set[bytes] = field(default_factory=set)
    _wrapped: bool = False

    def open(self, raw: bytes) -> Line:
        """Return what a line says, when, and whether the kernel says it."""
        line = raw[:LONGEST_LINE].rstrip(b"\r\n")
        for ahead in _JSON_AHEAD:
            line = line.removeprefix(ahead)
        if line[:1] == b"{":
            return self._journal(line)
        if found := _KMSG.match(line):
            trusted = int(found[1]) < _KERNEL_FACILITY
            return Line(line[found.end() :], int(found[2]) / 1e6, trusted=trusted, uptime=True)
        line = line[found.end() :] if (found := _FOREIGN_BRACKET.match(line)) else line
        if found := _TIMES.match(line):
            count = int(found[1]) if found[1] != b"X" else 1
            return Line(line[found.end() :], count=max(1, count))
        return self._syslog(line)

    def moment(self, raw: bytes, stamp: "Stamp") -> float | None:
        """Return the time of a line but for the parts of its second; None if it has no such stamp.

        It counts as a look at the clock, like opening the line.
        """
        digits = b"0" * (stamp.fraction_end - stamp.fraction)
        text = raw[: stamp.fraction] + digits + raw[stamp.fraction_end :]
        at, end = self._time(text, stamp.begin)
        return at if end == stamp.size + 1 else None

    def seam(self, recent: Recent) -> Seam:
        """Return what is known between two lines."""
        clock = replace(self.clock)
        stamped, plain = frozenset(self._stamped), frozenset(self._plain)
        return Seam(clock.then(clock), recent, self._wrapped, stamped, plain)

    @classmethod
    def behind(cls, seam: Seam) -> "Envelopes":
        """Go on where somebody else stopped."""
        return cls(replace(seam.clock), set(seam.stamped), set(seam.plain), seam.wrapped)

    @property
    def stamped(self) -> set[bytes]:
        """Hosts whose kernel is known to stamp its own lines."""
        return self._stamped

    def _syslog(self, line: bytes) -> Line:
        position, trusted, count = 0, True, 1
        if found := _PRIORITY.match(line):
            trusted = int(found[1]) < _KERNEL_FACILITY
            position = found.end()
        at, position = self._time(line, position)
        if found := _FACILITY.match(line, position):
            trusted = trusted and found[1] == b"kern"
            position = found.end()
        found = _TAG.match(line, position) or _RFC5424_TAG.match(line, position)
        timed = at is not None
        if found is None:
            bare = not timed and not self._wrapped
            self._wrapped = self._wrapped or timed
            return self._kernel(line[position:], at, b"", trusted=trusted and bare, count=1)
        self._wrapped = self._wrapped or timed
        message = line[found.end() :]
        if repeated := _REPEATED.match(message):
            count, message = max(1, int(repeated[1])), repeated[2]
        return self._kernel(message, at, found[1] or b"", trusted=trusted, count=count)

    def _kernel(
        self, message: bytes, at: float | None, host: bytes, *, trusted: bool, count: int
    ) -> Line:
        """Take the kernel's own time stamp off; a host that stamps always stamps."""
        position, uptime = 0, None
        if long := _LONG_DMESG.match(message):
            at, position = self._long_dmesg(long), long.end()
            return Line(message[position:], _or_nan(at), host, True, count)
        if found := _STAMP.match(message):
            uptime, position = float(found[1]), found.end()
            if caller := _CALLER.match(message, position):
                position = caller.end()
            bare = at is None and not self._wrapped
            trusted = trusted or bare
            if bare and (tag := _HOST_TAG.match(message, position)):  # `-o short-monotonic`
                host, position = tag[1], tag.end()
            if trusted and len(self._stamped) < MOST_HOSTS:
                self._stamped.add(host)
        elif host in self._stamped:
            trusted = False
        elif trusted and len(self._plain) < MOST_HOSTS:
            self._plain.add(host)
        if at is None and uptime is not None:
            return Line(message[position:], uptime, host, trusted, count, uptime=True)
        return Line(message[position:], _or_nan(at), host, trusted, count)

    def _time(self, line: bytes, position: int) -> tuple[float | None, int]:
        if found := _ISO_START.match(line, position):
            at = self.clock.iso(found[1])
            return (at, found.end()) if at is not None else (None, position)
        found = _BSD_START.match(line, position)
        month = month_of(found[1]) if found else None
        if found is None or month is None:
            return self._journal_time(line, position)
        clock = (int(found[4]), int(found[5]), int(found[6]))
        day, part = int(found[2]), float(found[7] or 0)
        if not (1 <= day <= 31 and clock[0] < 24 and clock[1] < 60 and clock[2] <= 60):
            return None, position
        if year := found[3] or found[8]:
            at = self.clock.dated(int(year), month, day, clock)
            return (at, found.end()) if at is not None else (None, position)
        return self.clock.yearless(month, day, clock, part), found.end()

    def _journal_time(self, line: bytes, position: int) -> tuple[float | None, int]:
        if found := _UNIX_START.match(line, position):
            return float(found[1]), found.end()
        found = _FULL_START.match(line, position)
        at = self._full(found[1], found[2]) if found else None
        return (at, found.end()) if found and at is not None else (None, position)

    def _full(self, text: bytes, zone: bytes) -> float | None:
        """Read a time with the name of its zone, of which only those of UTC mean one thing."""
        if zone in (b"UTC", b"GMT", b"Z"):
            return self.clock.iso(text + b"Z")
        if zone[:1] in b"+-":
            return self.clock.iso(text + zone.ljust(5, b"0"))
        self.clock.note(f"the zone {zone.decode('ascii')} is read as {self.clock.zone_name}")
        return self.clock.iso(text)

    def _long_dmesg(self, found: re.Match[bytes]) -> float | None:
        month = month_of(found[2])
        clock = (int(found[4]), int(found[5]), int(found[6]))
        if month is None or not 1 <= int(found[3]) <= 31 or clock[0] > 23 or clock[1] > 59:
            return None
        return self.clock.dated(int(found[7]), month, int(found[3]), clock)

    def _journal(self, line: bytes) -> Line:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            return Line(line, trusted=False)
        if not isinstance(entry, dict):
            return Line(line, trusted=False)
        return journal_line(entry)


def journal_line(entry: dict[str, object]) -> Line:
    """Return the line of a journal entry; fields with an underscore are the journal's own."""
    message = entry.get("MESSAGE", "")
    if isinstance(message, list):
        octets = [item for item in message if isinstance(item, int) and 0 <= item < 256]
        raw = bytes(octets[:LONGEST_LINE])
    else:
        raw = str(message)[:LONGEST_LINE].encode("utf-8", "replace")
    try:
        at = int(str(entry.get("__REALTIME_TIMESTAMP", ""))[:20]) / 1e6
    except ValueError:
        at = float("nan")
    if found := _STAMP.match(raw):
        raw = raw[found.end() :]
    host = str(entry.get("_HOSTNAME", ""))[:255].encode("utf-8", "replace")
    return Line(raw, at, host, trusted=entry.get("_TRANSPORT") == "kernel")


def _or_nan(at: float | None) -> float:
    return float("nan") if at is None else at
