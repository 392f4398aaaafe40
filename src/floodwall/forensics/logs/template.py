"""The wrapping that the lines of a flood have in common, learned from one that was understood."""

import re
from dataclasses import dataclass

from floodwall.forensics.logs.envelope import Line, Stamp, stamp_of

DROP = b"TCP: drop open request from "
HIDDEN = (
    (b"NET: ", b" messages suppressed."),
    (b"net_ratelimit: ", b" callbacks suppressed"),
)
"""Not those of any subsystem: what they count is told by the line behind them."""
_PREFIX = re.compile(
    rb"( (?:\S{1,64} (?:kern\.\w{3,7} )?)?kernel: | \S{1,64} kernel - \S{1,32} - )"
    rb"(\[ *\d{1,12}\.\d{6}\] )?"
)
LONGEST_PREFIX = 128
LONGEST_UPTIME = 22  # twelve places before the dot


@dataclass(frozen=True, slots=True)
class Template:
    """A wrapping: bytes that are the same in every line around the time, then the message."""

    head: bytes
    """Before the time: a priority, or nothing."""
    stamp: Stamp
    prefix: bytes
    """From behind the time on: host and tag."""
    host: bytes
    uptime: int = 0
    """Bytes of the kernel's own stamp behind that, with its brackets; 0 if it has none."""

    @property
    def message_at(self) -> int:
        """Where the message begins."""
        return self.stamp.size + len(self.prefix) + self.uptime


def template_of(raw: bytes, line: Line) -> Template | None:
    """Return the wrapping of a line of the kernel; None if not all of it is known."""
    stamp = stamp_of(raw)
    if stamp is None or line.count != 1 or line.uptime or not raw.endswith(line.message):
        return None
    found = _PREFIX.fullmatch(raw, stamp.size, len(raw) - len(line.message))
    if found is None or len(found[1]) > LONGEST_PREFIX:
        return None
    uptime = len(found[2] or b"")
    if uptime > LONGEST_UPTIME:
        return None
    return Template(raw[: stamp.begin], stamp, found[1], line.host, uptime)
