"""Large logs in parts."""

import os
import signal
import time
from itertools import pairwise
from multiprocessing import active_children
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.forensics import inputs
from floodwall.forensics.account import account_of
from floodwall.forensics.captures.cut import cut, cut_blocks
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.parts import Part, Sharing, in_processes, parts_of
from tests.support.evidence import golden_log, pcap, pcapng
from tests.support.packets import TCP, Ethernet, IPv4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.integers(0, 30), min_size=1, max_size=20),
    cuts=st.lists(st.integers(0, 400), max_size=5),
    ended=st.booleans(),
)
def test_every_line_is_in_one_part(
    tmp_path: Path, lines: list[int], cuts: list[int], *, ended: bool
) -> None:
    """Wherever the file is cut."""
    content = b"\n".join(b"x" * length for length in lines) + b"\n" * ended
    file = tmp_path / "log"
    file.write_bytes(content)
    edges = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    pieces = []
    for begin, end in pairwise(edges):
        with Part(str(file), begin, end) as part:
            pieces.append(part.read())
    assert b"".join(pieces) == content
    assert all(piece.endswith(b"\n") for piece in pieces[:-1] if piece and ended)


def test_small_files_are_one_part() -> None:
    """Large ones as many as may be, without a gap."""
    assert parts_of(1_000, 8, Sharing(1_001, 8)) == [(0, 1_000)]
    assert parts_of(1 << 30, 1, Sharing(1_000, 8)) == [(0, 1 << 30)]
    many = parts_of(1 << 30, 8, Sharing(1_000, 3))
    assert [end for _, end in many[:-1]] == [begin for begin, _ in many[1:]]
    assert (many[0][0], many[-1][1], len(many)) == (0, 1 << 30, 3)


def test_jobs_run_in_processes_of_their_own() -> None:
    """And answer in order."""
    assert list(in_processes(pow, [(2, 3), (2, 4)])) == [8, 16]
    assert os.getpid() not in in_processes(_who, [(), ()])


def test_a_process_that_dies_is_one_clear_error() -> None:
    """Which says how; the others are ended."""
    with pytest.raises(FloodwallError, match=r"was ended \(SIGKILL\)"):
        list(in_processes(_die, [(0,), (3_600,)]))
    assert not active_children()


def test_an_error_of_ours_is_told_as_it_is() -> None:
    """With its hint."""
    with pytest.raises(ConfigError) as caught:
        list(in_processes(_refuse, [()]))
    assert (caught.value.message, caught.value.hint) == ("no", "why not")


def test_an_interrupt_ends_all_processes() -> None:
    """They take no part in it themselves, so nothing but the verb speaks."""
    jobs = in_processes(_interrupt, [(1,), (2,)])
    with pytest.raises(KeyboardInterrupt):
        next(jobs)
    assert not active_children()


def _who() -> int:
    return os.getpid()


def _die(seconds: int) -> None:
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


def _interrupt(number: int) -> None:
    time.sleep(0.2)  # until all are started
    for process in (os.getpid(), os.getppid())[: 1 + (number > 1)]:
        os.kill(process, signal.SIGINT)  # as a terminal sends it to all
    time.sleep(3_600)


def _refuse() -> None:
    raise ConfigError("no", hint="why not")


def test_parts_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same account from one process and from two."""
    golden = golden_log()
    file = tmp_path / "kern.log"
    file.write_text(golden.text)
    whole = account_of(read_input(str(file), Options(year=2004)))
    monkeypatch.setattr(inputs, "LOGS", Sharing(1_000, 2))
    monkeypatch.setattr(inputs, "workers", lambda: 2)
    split = account_of(read_input(str(file), Options(year=2004)))

    assert split.findings == whole.findings
    assert split.inputs == whole.inputs


FRAMES = [
    (
        100.5 + n / 7,
        bytes(Ethernet() / IPv4(f"192.0.2.{n % 250}") / TCP(flags="S")) + b"x" * (n % 3),
    )
    for n in range(400)
]


def both_ways(content: bytes, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assert that a capture gives the same in one process and in three."""
    file.write_bytes(content)
    whole = read_input(str(file), Options())
    with monkeypatch.context() as patched:
        patched.setattr(inputs, "CAPTURES", Sharing(1_000, 3))
        patched.setattr(inputs, "workers", lambda: 3)
        split = read_input(str(file), Options())
    assert split.inputs == whole.inputs
    assert split.packets == whole.packets
    assert account_of(split).findings == account_of(whole).findings
    for name in ("pairs", "endpoints", "cells", "shapes"):
        rows, wanted = getattr(split, name).rows(), getattr(whole, name).rows()
        assert rows.hashes.tolist() == wanted.hashes.tolist()
        assert rows.counts.tolist() == wanted.counts.tolist()
    assert split.flows.rows().times.tobytes() == whole.flows.rows().times.tobytes()


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_capture_in_parts_gives_what_the_whole_gives(
    order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With records of different sizes, in both byte orders; also cut short."""
    content = pcap(FRAMES, 1, order)
    assert len(cut_at_thirds(content, tmp_path)) == 3
    both_ways(content, tmp_path / "flood.pcap", monkeypatch)
    both_ways(content[:-5], tmp_path / "flood.pcap", monkeypatch)


def test_a_broken_capture_in_parts_ends_where_the_whole_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands behind the break is not used."""
    content = bytearray(pcap(FRAMES))
    content[4_000:4_040] = b"\xff" * 40
    both_ways(bytes(content), tmp_path / "flood.pcap", monkeypatch)


def test_a_capture_within_a_capture_does_not_mislead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where frames hold what looks like records, a part begins in one, and is read anew."""
    inner = pcap(FRAMES[:60])[24:]
    content = pcap([(at, frame + inner) for at, frame in FRAMES[:12]])
    parts = cut_at_thirds(content, tmp_path)
    starts = {24 + index * (16 + len(FRAMES[0][1]) + len(inner)) for index in range(12)}
    assert any(begin not in starts for begin, _ in parts)
    both_ways(content, tmp_path / "nested.pcap", monkeypatch)


@pytest.mark.parametrize("order", ["<", ">"])
def test_blocks_in_parts_give_what_the_whole_gives(
    order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pcapng in both byte orders; also cut short, or broken in the middle."""
    content = pcapng(FRAMES, 1, order)
    file = tmp_path / "flood.pcapng"
    file.write_bytes(content)
    parts, section = cut_blocks(str(file), [0, len(content) // 3, len(content) // 2, len(content)])
    assert (len(parts), len(section.interfaces)) == (3, 1)
    both_ways(content, file, monkeypatch)
    both_ways(content[:-5], file, monkeypatch)
    half = len(content) // 2
    both_ways(content[:half] + b"\xff" * 40 + content[half + 40 :], file, monkeypatch)


@pytest.mark.parametrize("where", [100, 200, 300])
@pytest.mark.parametrize("resolution", [6, 9])
def test_what_is_described_in_the_middle_counts_behind_it(
    where: int, resolution: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new section with another clock, or of the other byte order: a part begins without them."""
    second = pcapng(FRAMES[where:], 101 if where == 200 else 1, "<>"[where % 3 % 2], resolution)
    both_ways(pcapng(FRAMES[:where]) + second, tmp_path / "two.pcapng", monkeypatch)


def test_blocks_within_a_frame_do_not_mislead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A capture of captures is cut in the wrong place, and read anew."""
    inner = pcapng(FRAMES[:60])[60:]
    content = pcapng([(at, frame + inner) for at, frame in FRAMES[:12]])
    both_ways(content, tmp_path / "nested.pcapng", monkeypatch)


def cut_at_thirds(content: bytes, folder: Path) -> list[tuple[int, int]]:
    """Return the parts of a capture for three processes."""
    file = folder / "cut.pcap"
    file.write_bytes(content)
    size = len(content)
    return cut(str(file), [0, size // 3, 2 * size // 3, size])
