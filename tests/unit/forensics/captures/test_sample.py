"""A few frames of each finding."""

from collections.abc import Callable
from pathlib import Path

import pytest

from floodwall.core.address import parse_network
from floodwall.forensics.account import account_of
from floodwall.forensics.captures.sample import EACH, sample
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.partial import Partial
from floodwall.forensics.selection import Selection
from tests.support.evidence import pcap, pcapng
from tests.support.packets import TCP, Ethernet, IPv4

ALL = Selection()


def flood(count: int, first: int = 0) -> list[tuple[float, bytes]]:
    """Make frames of a flood on port 80 with a payload, and one of something else for each."""
    made = []
    for n in range(first, first + count):
        source = IPv4(f"203.0.{n >> 8}.{n & 255}", "198.51.100.1")
        other = IPv4("192.0.2.1", "198.51.100.2")
        asked = bytes(Ethernet() / source / TCP(1_024 + n, 80, flags="S")) + b"secret" * 30
        made += [(n / 500, asked), (n / 500, bytes(Ethernet() / other / TCP(9, 443, flags="A")))]
    return made


def read(path: Path, selection: Selection = ALL) -> Partial:
    """Read a capture."""
    return read_input(str(path), Options(selection=selection))


def drawn(tmp_path: Path, content: bytes, selection: Selection = ALL) -> tuple[int, Partial, bytes]:
    """Return the number of frames of a sample, what it comes to, and its bytes."""
    file, out = tmp_path / "capture", tmp_path / "sample"
    file.write_bytes(content)
    account = account_of(read(file, selection))
    count, made = sample([str(file)], account.findings, selection)
    out.write_bytes(made)
    return count, read(out), made


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_the_sample_is_a_capture_of_the_attack_alone(
    tmp_path: Path, make: Callable[[list[tuple[float, bytes]]], bytes]
) -> None:
    """Even over all of it, in order of time, without an error."""
    count, again, _ = drawn(tmp_path, make(flood(1_000)))
    assert count == EACH
    (own,) = again.inputs
    assert (own.records, own.errors) == (EACH, ())
    rows = again.pairs.rows()
    assert set(rows.keys[:, 2].tolist()) == {80}
    assert rows.first.min() < 0.2
    assert rows.last.max() > 1.8


def test_payload_is_left_out(tmp_path: Path) -> None:
    """Headers only."""
    _, _, made = drawn(tmp_path, pcap(flood(300)))
    assert b"secret" not in made
    assert len(made) == 24 + EACH * (16 + 40)


def test_small_findings_are_whole(tmp_path: Path) -> None:
    """Nothing is drawn twice."""
    count, again, _ = drawn(tmp_path, pcap(flood(60)))
    assert count == 60
    assert len(again.pairs.rows()) == 60


def test_the_same_frames_are_drawn_each_time(tmp_path: Path) -> None:
    """Two people see the same."""
    one, other = (drawn(tmp_path, pcap(flood(500)))[2] for _ in range(2))
    assert one == other


def test_filters_hold_for_the_sample_too(tmp_path: Path) -> None:
    """Sources that were left out are not in it."""
    selection = Selection(sources=(parse_network("203.0.0.0/24"),))
    count, again, _ = drawn(tmp_path, pcap(flood(1_000)), selection)
    assert count == EACH
    keys = again.pairs.rows().keys
    assert {low >> 8 & 0xFFFFFF for low in keys[:, 4].tolist()} == {0xCB0000}


def test_several_captures_are_one_sample_and_logs_have_no_part(tmp_path: Path) -> None:
    """Frames of all of them are drawn."""
    files = [tmp_path / name for name in ("a", "b", "c")]
    files[0].write_bytes(pcap(flood(100)))
    files[1].write_text("Feb 28 09:27:37 nap1 kernel: eth0: link up\n")
    files[2].write_bytes(pcap(flood(100, 500), link=1, nano=True))
    whole = Partial()
    for file in files:
        whole.merge(read(file))
    count, made = sample(map(str, files), account_of(whole).findings, ALL)
    files[1].write_bytes(made)
    times = read(files[1]).pairs.rows().first
    assert count == EACH
    assert 20 < (times < 0.5).sum() < 80


def test_nothing_found_is_an_empty_capture(tmp_path: Path) -> None:
    """Which is no error."""
    count, again, _ = drawn(tmp_path, pcap(flood(3)))
    assert (count, again.inputs[0].errors) == (0, ())
