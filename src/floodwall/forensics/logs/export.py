"""The export format of the journal: one field a line, entries apart by an empty line."""

from collections.abc import Iterator

from floodwall.forensics.logs.envelope import LONGEST_LINE, Line, journal_line

HEAD = b"__CURSOR="
_WANTED = {b"MESSAGE", b"_TRANSPORT", b"_HOSTNAME", b"__REALTIME_TIMESTAMP"}
_MOST_FIELDS = 1_024


def read_export(lines: Iterator[bytes]) -> Iterator[Line]:
    """Yield the lines of a journal; values with line ends inside are left out.

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
