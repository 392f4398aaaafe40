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
from tests.support.evidence import pcap, pcapng
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Vlan

BATCH = 50
PACKET = b"PROTO=TCP SPT=42186 DPT=3735 WINDOW=1024 RES=0x00 SYN URGP=0 OPT (020405B4)"
LINES = [
    b"Feb 28 09:27:37 nap1 kernel: TCP: drop open request from 192.0.2.7/3755",
    b"Feb 28 09:27:37 nap1 kernel: NET: 2263 messages suppressed.",
    b"<4>1 2016-06-21T15:27:15.771223+08:00 host kernel - - - [ 3132.531409] TCP: too many orphan",
    b"[Wed Feb 20 11:18:44 2019] TCP: request_sock_TCP: Possible SYN flooding on port [::]:97. ok.",
    b'{"_TRANSPORT":"kernel","MESSAGE":"NET: 7 messages suppressed.","__REALTIME_TIMESTAMP":"1"}',
    b"6,1,5,-;nf_conntrack: nf_conntrack: table full, dropping packet",
    b"Nov 5 06:27:01 U kernel: [W]IN=e OUT= MAC=7 SRC=8.8.8.8 DST=1.1.1.1 LEN=40 TTL=237 " + PACKET,
    b"kernel: sonewconn: pcb 0xfffff80168dc6000: Listen queue overflow: 193 already (5 occ)",
    b"Feb 29 23:59:60 h last message repeated 7 times",
]
TABLES = [
    (b"SYN-RECV 0 0 192.0.2.1:80 203.0.113.7:4000\n", Format.SS),
    (b"tcp4 0 0 192.0.2.1.80 203.0.113.7.4000 SYN_RCVD\n", Format.NETSTAT),
    (b" 1: 010200C0:0050 077100CB:0FA0 03 00000000:00000000 01:00000015\n", Format.PROC_NET_TCP),
]
COUNTERS = b"TcpExt: SyncookiesSent ListenDrops\nTcpExt: 7 3\nTcpExtListenDrops 3 0.0\n"
FRAMES = [
    (1.5, bytes(Ethernet() / IPv4() / TCP(flags="S"))),
    (2.5, bytes(Ethernet() / Vlan(7) / IPv6() / TCP(flags="SA"))),
]
CAPTURES = [pcap(FRAMES), pcap(FRAMES, 1, ">", nano=True), pcapng(FRAMES), pcapng(FRAMES, 1, ">")]


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
