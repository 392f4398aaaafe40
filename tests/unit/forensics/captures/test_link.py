"""Link layers."""

import struct
from pathlib import Path

import pytest

from tests.support.evidence import pcap, read_capture_bytes
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, ServiceVlan, Vlan

SYN4 = bytes(IPv4() / TCP(flags="S"))
SYN6 = bytes(IPv6() / TCP(flags="S"))
MACS = bytes(12)


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        (1, bytes(Ethernet() / IPv4() / TCP(flags="S"))),
        (1, bytes(Ethernet() / IPv6() / TCP(flags="S"))),
        (1, bytes(Ethernet() / Vlan(7) / IPv4() / TCP(flags="S"))),
        (1, bytes(Ethernet() / ServiceVlan(7) / Vlan(8) / IPv6() / TCP(flags="S"))),
        (1, MACS + b"\x91\x00\x00\x01\x81\x00\x00\x02\x08\x00" + SYN4),
        (1, MACS + b"\x88\x64\x11\x00\x00\x01\x00\x2a\x00\x21" + SYN4),
        (1, MACS + b"\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40" + SYN4),
        (1, MACS + struct.pack(">H", len(SYN4) + 8) + b"\xaa\xaa\x03\0\0\0\x08\x00" + SYN4),
        (0, b"\x02\0\0\0" + SYN4),
        (0, b"\x1e\0\0\0" + SYN6),
        (108, b"\0\0\0\x18" + SYN6),
        (9, b"\xff\x03\x00\x21" + SYN4),
        (12, SYN4),
        (14, SYN6),
        (101, SYN4),
        (228, SYN4),
        (229, SYN6),
        (113, bytes(14) + b"\x08\x00" + SYN4),
        (113, bytes(14) + b"\x81\x00\x00\x07\x08\x00" + SYN4),
        (276, b"\x86\xdd" + bytes(18) + SYN6),
        (239, b"\x02\0\0\0\x08\0\x0a\0OUT\0" + struct.pack("<HH", len(SYN4) + 4, 9) + SYN4),
    ],
)
def test_the_request_is_found_behind_every_link_layer(
    link: int, frame: bytes, tmp_path: Path
) -> None:
    """Tags, PPPoE, MPLS, LLC, cooked, raw and loopback."""
    partial = read_capture_bytes(pcap([(1.0, frame)], link), tmp_path)
    rows = partial.endpoints.rows()
    assert len(rows) == 1
    assert rows.keys[0, [2, 5]].tolist() == [80, 40_000]


def test_an_unknown_link_is_told(tmp_path: Path) -> None:
    """And the frames count as foreign."""
    partial = read_capture_bytes(pcap([(1.0, SYN4)], 147), tmp_path)
    assert partial.packets.foreign == 1
    assert "147" in partial.inputs[0].notes[0]
