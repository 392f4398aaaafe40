"""pcapng captures."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from floodwall.forensics.captures import pcapng as module
from floodwall.forensics.captures.frames import padded
from tests.support.evidence import pcapng, read_capture_bytes
from tests.support.packets import TCP, Ethernet, IPv4

FRAMES = [(100.5 + n, bytes(Ethernet() / IPv4(f"192.0.2.{n}") / TCP(flags="S"))) for n in range(40)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("resolution", [3, 6, 9])
def test_every_variant_is_read(order: str, resolution: int, tmp_path: Path) -> None:
    """Both byte orders, and the clock that the interface says."""
    partial = read_capture_bytes(pcapng(FRAMES, 1, order, resolution), tmp_path)
    rows = partial.pairs.rows()
    assert len(rows) == 40
    assert sorted(rows.first.tolist()) == pytest.approx([at for at, _ in FRAMES])
    assert partial.inputs[0].errors == ()


def test_sections_and_interfaces_follow_each_other(tmp_path: Path) -> None:
    """Each with its own byte order and link type."""
    raw = [(at, frame[14:]) for at, frame in FRAMES]
    content = pcapng(FRAMES) + pcapng(raw, 101, ">") + pcapng(FRAMES, 1, "<", 9)
    partial = read_capture_bytes(content, tmp_path)
    assert partial.packets.total == 120
    assert partial.pairs.rows().counts.tolist() == [3] * 40


def test_a_cut_capture_gives_what_is_whole(tmp_path: Path) -> None:
    """And says that it is cut."""
    partial = read_capture_bytes(pcapng(FRAMES)[:-3], tmp_path)
    assert partial.packets.total == 39
    assert "cut short" in partial.inputs[0].errors[0]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_breaks_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes are changed, cut and put in anywhere."""
    content = bytearray(pcapng(FRAMES[:4]))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(4, len(content)))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    read_capture_bytes(bytes(content), tmp_path)


@pytest.mark.parametrize("every", [b"", bytes.fromhex("06000000 20000000") + bytes(24)])
def test_descriptions_by_the_thousand_cost_what_they_weigh(
    every: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing behind one is copied once more: the time is linear in the size of the file."""
    copied = []

    def count(content: bytes) -> NDArray[np.uint8]:
        copied.append(len(content))
        return padded(content)

    monkeypatch.setattr(module, "padded", count)
    every = every[:-4] + every[4:8]
    beginning = pcapng([])
    content = (beginning + every) * 2_000
    (one,) = read_capture_bytes(content, tmp_path).inputs
    assert one.errors == ()
    assert sum(copied) <= len(content)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [1, 2, 3, 6])
@pytest.mark.parametrize("size", [12, 16, 20, 24, 28, 32])
def test_a_block_too_small_for_its_kind_is_no_frame(
    kind: int, size: int, order: str, tmp_path: Path
) -> None:
    """Also where the file ends with it: nothing is looked for behind the end."""
    block = struct.pack(f"{order}II{size - 12}xI", kind, size, size)
    partial = read_capture_bytes(pcapng(FRAMES[:3], 1, order) + block, tmp_path)
    assert partial.packets.tcp == 3
