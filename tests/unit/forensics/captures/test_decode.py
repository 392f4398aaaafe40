"""IP and TCP headers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.forensics.captures.decode import decode
from floodwall.forensics.captures.frames import Frames, padded
from floodwall.forensics.evidence import Segments, address_of
from floodwall.forensics.layout import layout_text
from floodwall.forensics.partial import Packets
from tests.support.evidence import pcap, read_capture_bytes
from tests.support.packets import TCP, UDP, IPv4, IPv6
from tests.support.tcp_options import SACK_PERMITTED, mss, window_scale


def read(*packets: bytes) -> tuple[Segments, Packets]:
    """Decode raw packets."""
    ends = np.cumsum([len(packet) for packet in packets])
    starts = ends - [len(packet) for packet in packets]
    frames = Frames(padded(b"".join(packets)), starts, ends, np.zeros(len(packets)), 101)
    counted = Packets()
    return decode(frames, counted), counted


def test_every_field_of_a_segment() -> None:
    """Of both families at once."""
    tcp = TCP(40_001, 443, 7, 8, flags="SE", options=(mss(1460), SACK_PERMITTED, window_scale(7)))
    made, counted = read(
        bytes(IPv4("192.0.2.9", "198.51.100.1", ttl=57) / tcp / b"12345"),
        bytes(IPv6("2001:db8::9", "2001:db8::1", hop_limit=57) / tcp),
    )
    assert counted.tcp == 2
    assert made["data"].tolist() == [5, 0]
    for name, value in (("source_port", 40_001), ("port", 443), ("sequence", 7), ("ttl", 57),
                        ("acknowledgement", 8), ("mss", 1460), ("flags", 0x42)):  # fmt: skip
        assert made[name].tolist() == [value, value], name
    assert {layout_text(int(one)) for one in made["layout"]} == {"mss,sok,ws,eol"}
    sources = [address_of(row["source_high"], row["source_low"]) for row in made]
    assert [str(one) for one in sources] == ["192.0.2.9", "2001:db8::9"]


@pytest.mark.parametrize(
    ("packet", "what"),
    [
        (bytes(IPv4() / UDP() / b"x"), "foreign"),
        (bytes(IPv4() / TCP(flags="S"))[:30], "unread"),
        (bytes(IPv4() / TCP(flags="S"))[:10], "unread"),
        (b"\x00" * 60, "unread"),
        (b"\x45" + b"\x00" * 5 + b"\x00\x10" + b"\x00" * 52, "fragments"),
    ],
)
def test_what_is_no_segment_is_counted(packet: bytes, what: str) -> None:
    """Each by its own name."""
    made, counted = read(packet)
    assert len(made) == 0
    assert getattr(counted, what) == 1


def test_a_packet_in_a_packet_is_read() -> None:
    """IPv4 in IPv4, and IPv6 in IPv4; once."""
    inner4, inner6 = bytes(IPv4() / TCP(flags="S")), bytes(IPv6() / TCP(flags="S"))
    made, _ = read(bytes(IPv4(protocol=4) / inner4), bytes(IPv4(protocol=41) / inner6))
    assert len(made) == 2


def test_extension_headers_are_passed() -> None:
    """Hop-by-hop, destination options and the first fragment; later fragments are counted."""
    tcp = bytes(TCP(flags="S").encode(b"", 0, b""))
    hop = b"\x3c\x00" + bytes(6) + b"\x06\x00" + bytes(6)
    first, later = b"\x06\x00\x00\x01" + bytes(4), b"\x06\x00\x00\x08" + bytes(4)
    made, counted = read(
        bytes(IPv6(next_header=0) / (hop + tcp)),
        bytes(IPv6(next_header=44) / (first + tcp)),
        bytes(IPv6(next_header=44) / (later + tcp)),
    )
    assert made["port"].tolist() == [80, 80]
    assert counted.fragments == 1


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=90), min_size=1, max_size=6), st.integers(0, 300))
def test_any_bytes_are_decoded(packets: list[bytes], link: int) -> None:
    """Lying about every length."""
    blob = [b"\x45" + packet for packet in packets] + packets
    ends = np.cumsum([len(packet) for packet in blob])
    starts = ends - [len(packet) for packet in blob]
    frames = Frames(padded(b"".join(blob)), starts, ends, np.zeros(len(blob)), link)
    decode(frames, Packets())


def test_quoted_headers_are_no_requests(tmp_path: Path) -> None:
    """An ICMP error holds a header that was sent elsewhere."""
    quoted = bytes(IPv4(protocol=1) / (b"\x03\x03\0\0\0\0\0\0" + bytes(IPv4() / TCP(flags="S"))))
    partial = read_capture_bytes(pcap([(1.0, quoted)], 101), tmp_path)
    assert len(partial.pairs.rows()) == 0
