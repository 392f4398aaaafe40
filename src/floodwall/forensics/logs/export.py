"""The journal in more than a line an entry: its export format, and its pretty JSON."""

import json
import re
from collections.abc import Iterator

from floodwall.forensics.logs.envelope import LONGEST_LINE, Line, journal_line

HEAD = b"__CURSOR="
PRETTY_HEAD = re.compile(rb"\{\s*\n\s*\"")
_WANTED = {b"MESSAGE", b"_TRANSPORT", b"_HOSTNAME", b"__REALTIME_TIMESTAMP"}
_MOST_FIELDS = 1_024
_MOST_BYTES = 1 << 20  # of an entry; what is longer is passed over


def read_export(lines: Iterator[bytes]) -> Iterator[Line]:
    """Yield the lines of an export; values with line ends inside are left out.

    Such a value stands as bytes behind its length.  No message of the kernel has a line end in it.
    """
    entry: dict[str, object] = {}
    fields = 0
    for line in lines:
        if not line:
            if entry:
                yield journal_line(entry)
            entry, fields = {}, 0
            continue
        name, equals, value = line[: LONGEST_LINE * 2].partition(b"=")
        fields += 1
        if equals and name in _WANTED and fields < _MOST_FIELDS:
            entry.setdefault(name.decode(), value.decode("utf-8", "replace"))
    if entry:
        yield journal_line(entry)


def read_pretty(lines: Iterator[bytes]) -> Iterator[Line]:
    """Yield the lines of a journal as `-o json-pretty` prints it: braces stand alone."""
    parts: list[bytes] = []
    size = 0
    for line in lines:
        text = line.strip()
        if text == b"{":
            parts, size = [], 0
        size += len(text)
        if size <= _MOST_BYTES:
            parts.append(text)
        if text.rstrip(b",") == b"}" and size <= _MOST_BYTES:
            entry = _entry(b"".join(parts).rstrip(b","))
            parts, size = [], 0
            if entry:
                yield journal_line(entry)


def _entry(text: bytes) -> dict[str, object]:
    try:
        made = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return made if isinstance(made, dict) else {}
