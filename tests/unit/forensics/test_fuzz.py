"""Mutated inputs by the thousand, or by the million: `pytest --inputs 1000000`."""

import io
from random import Random

import pytest

from floodwall.forensics.captures.decode import decode
from floodwall.forensics.captures.frames import Trouble
from floodwall.forensics.captures.pcap import read_pcap
from floodwall.forensics.captures.pcapng import read_pcapng
from floodwall.forensics.evidence import Format
from floodwall.forensics.identify import identify
from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes
from floodwall.forensics.logs.reader import LogReader
from floodwall.forensics.partial import Packets, Partial
from floodwall.forensics.read.opening import Source
from floodwall.forensics.sockets.counters import read_counters
from floodwall.forensics.sockets.tables import read_tables
from tests.support.evidence_seeds import CAPTURES, COUNTERS, LINES, TABLES

BATCH = 50


def mutated(chance: Random, original: bytes, first: int = 0) -> bytes:
    """Change, cut, double or insert bytes at a few places."""
    made = bytearray(original)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(first, len(made) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            made[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del made[at : at + chance.randrange(12)]
        elif kind == 2:
            made[at:at] = made[at : at + 20] * chance.randrange(1, 4)
        else:
            made[at:at] = chance.choice(
                (b"\n", b"\x00", b"\x1b[2J", b"9" * 400, b"\xff\xff\xff\x7f")
            )
    return bytes(made)


def read_lines(content: bytes) -> None:
    """Read a log."""
    reader = LogReader(Envelopes(Clock(1.7e9)), Partial())
    reader.read(content)
    reader.finish()


def read_capture(content: bytes) -> None:
    """Read a capture of either format."""
    source = Source("-", io.BytesIO(content), len(content), None)
    for part in (read_pcapng if content[:1] == b"\n" else read_pcap)(source):
        if not isinstance(part, Trouble):
            decode(part, Packets())


@pytest.mark.timeout(900)
def test_no_input_raises(request: pytest.FixtureRequest) -> None:
    """Logs, tables, counters and captures, each made of what is real and of garbage."""
    chance = Random(20_040_228)
    left = int(request.config.getoption("--inputs"))
    while left > 0:
        lines = [mutated(chance, chance.choice(LINES)) for _ in range(BATCH)]
        read_lines(LINES[0] + b"\n" + b"\n".join(lines) + b"\n")
        table, form = chance.choice(TABLES)
        list(read_tables(iter(mutated(chance, table * 3).splitlines()), form))
        counters = mutated(chance, COUNTERS).splitlines()
        for way in (Format.NSTAT, Format.PROC_NET_NETSTAT, Format.NETSTAT_STATISTICS):
            list(read_counters(counters, way))
        for capture in CAPTURES:
            content = mutated(chance, capture, 4)
            identify(content)
            read_capture(content)
        left -= BATCH + 4 + len(CAPTURES)
