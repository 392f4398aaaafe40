"""Classic captures."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.evidence import pcap, read_capture_bytes
from tests.support.packets import TCP, Ethernet, IPv4

FRAMES = [(100.5 + n, bytes(Ethernet() / IPv4(f"192.0.2.{n}") / TCP(flags="S"))) for n in range(40)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_every_variant_is_read(order: str, nano: int, tmp_path: Path) -> None:
    """Both byte orders, micro- and nanoseconds."""
    partial = read_capture_bytes(pcap(FRAMES, 1, order, nano=bool(nano)), tmp_path)
    rows = partial.pairs.rows()
    assert len(rows) == 40
    assert sorted(rows.first.tolist()) == pytest.approx([at for at, _ in FRAMES])
    assert partial.inputs[0].errors == ()


def test_a_cut_capture_gives_what_is_whole(tmp_path: Path) -> None:
    """And says that it is cut."""
    partial = read_capture_bytes(pcap(FRAMES)[:-3], tmp_path)
    assert partial.packets.total == 39
    assert "cut short" in partial.inputs[0].errors[0]


def test_a_lying_length_ends_it(tmp_path: Path) -> None:
    """What stands before it is used."""
    content = bytearray(pcap(FRAMES))
    size = 16 + len(FRAMES[0][1])
    content[24 + 20 * size + 8 : 24 + 20 * size + 12] = b"\xff\xff\xff\x7f"
    partial = read_capture_bytes(bytes(content), tmp_path)
    assert partial.packets.total == 20
    assert "corrupt" in partial.inputs[0].errors[0]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_breaks_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes are changed, cut and put in anywhere."""
    content = bytearray(pcap(FRAMES[:4]))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(4, len(content)))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    read_capture_bytes(bytes(content), tmp_path)
