"""Where captures may be cut."""

import struct
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floodwall.forensics.captures.cut import cut, cut_blocks, head_of
from tests.support.evidence import pcap, pcapng
from tests.support.packets import TCP, Ethernet, IPv4

FRAME = bytes(Ethernet() / IPv4("192.0.2.1") / TCP(flags="S"))
FRAMES = [(1e9 + n, FRAME + b"x" * (n * 7 % 11)) for n in range(120)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=st.lists(st.integers(1, 8_000), max_size=4))
def test_parts_begin_with_a_record(tmp_path: Path, edges: list[int]) -> None:
    """Wherever the edges are; and nothing is left out."""
    file, content = tmp_path / "flood.pcap", pcap(FRAMES)
    file.write_bytes(content)
    starts = [24]
    for _, frame in FRAMES:
        starts.append(starts[-1] + 16 + len(frame))
    parts = cut(str(file), [0, *sorted(edges), len(content)])
    assert all(begin in starts for begin, _ in parts)
    assert (parts[0][0], parts[-1][1]) == (24, len(content))
    assert [end for _, end in parts[:-1]] == [begin for begin, _ in parts[1:]]


def test_what_cannot_be_cut_stays_whole(tmp_path: Path) -> None:
    """Too few records, another version, nothing at all."""
    file = tmp_path / "flood.pcap"
    for content in (pcap(FRAMES[:20]), pcap(FRAMES)[:4] + b"\x03" + pcap(FRAMES)[5:], pcap([])):
        file.write_bytes(content)
        assert cut(str(file), [0, len(content) // 2, len(content)]) == [(24, len(content))]
        assert head_of(str(file)) == content[:24]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=st.lists(st.integers(1, 12_000), max_size=4), order=st.sampled_from("<>"))
def test_parts_begin_with_a_block(tmp_path: Path, edges: list[int], order: str) -> None:
    """Wherever the edges are; and nothing is left out."""
    file, content = tmp_path / "flood.pcapng", pcapng(FRAMES, 1, order)
    file.write_bytes(content)
    starts, at = [], 0
    while at < len(content):
        starts.append(at)
        at += struct.unpack_from(f"{order}I", content, at + 4)[0]
    parts, section = cut_blocks(str(file), [0, *sorted(edges), len(content)])
    assert all(begin in starts for begin, _ in parts)
    assert (parts[0][0], parts[-1][1]) == (0, len(content))
    assert [end for _, end in parts[:-1]] == [begin for begin, _ in parts[1:]]
    assert section.order == order


def test_a_broken_beginning_is_not_cut(tmp_path: Path) -> None:
    """What it would describe is not known."""
    file, content = tmp_path / "flood.pcapng", pcapng(FRAMES)
    file.write_bytes(content[:60] + b"\xff" * 40 + content[100:])
    assert cut_blocks(str(file), [0, 4_000, len(content)])[0] == [(0, len(content))]
