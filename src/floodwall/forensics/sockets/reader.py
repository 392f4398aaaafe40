"""Reads a dump of sockets or counters into a partial."""

import re
from collections.abc import Iterator

from floodwall.forensics.evidence import Format
from floodwall.forensics.logs.reader import whole_lines
from floodwall.forensics.partial import Partial
from floodwall.forensics.read.opening import Source
from floodwall.forensics.sockets.counters import read_counters
from floodwall.forensics.sockets.tables import read_tables

SOCKETS = frozenset({Format.NETSTAT, Format.SS, Format.PROC_NET_TCP})
COUNTERS = frozenset({Format.NSTAT, Format.PROC_NET_NETSTAT, Format.NETSTAT_STATISTICS})
_BLOCK_BYTES = 1 << 20
_STATELESS = re.compile(rb"^(?:Netid +)?Recv-Q +Send-Q +Local", re.MULTILINE)
_NO_STATES = "no column says the state of a socket: it was filtered by one; dump them with ss -tan"


def read_dump(source: Source, form: Format, partial: Partial) -> None:
    """Give the snapshots of a dump to a partial."""
    records = 0
    if form in SOCKETS:
        for sockets in read_tables(_lines(source), form):
            records += sum(count for _, count in sockets.states)
            partial.snapshot(sockets)
    else:
        for counters in read_counters(_lines(source), form):
            records += len(counters.values)
            partial.count(counters)
    partial.describe(records=records)
    if form is Format.SS and not records and _STATELESS.search(source.head()):
        partial.describe(errors=(_NO_STATES,))


def _lines(source: Source) -> Iterator[bytes]:
    for block in whole_lines(source.blocks(_BLOCK_BYTES)):
        yield from block.splitlines()
