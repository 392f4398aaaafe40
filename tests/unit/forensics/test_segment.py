"""One segment of a capture: read, and made the answer to another SYN-ACK."""

from __future__ import annotations

import pytest

from floodwall.forensics.segment import ACK, SYN, Segment, acknowledging, stamps_at
from tests.support.packets import TCP, UDP, Ethernet, IPv4, IPv6
from tests.support.tcp_options import NOP, mss, timestamps

_LINK = 14
LAYERS = (IPv4("198.51.100.7"), IPv6("2001:db8:1::7"))


def packet(layer: IPv4 | IPv6, tcp: TCP, payload: bytes = b"") -> bytes:
    """Return an IP packet."""
    return bytes(Ethernet() / layer / tcp / payload)[_LINK:]


@pytest.mark.parametrize("layer", LAYERS)
def test_who_asks_whom_with_what(layer: IPv4 | IPv6) -> None:
    """Ports, numbers, flags and the bytes that it carries."""
    found = Segment.of(packet(layer, TCP(1234, 443, 7, 9, "SA"), b"abc"))

    assert found is not None
    assert (found.source_port, found.destination_port) == (1234, 443)
    assert (found.sequence, found.acknowledgement, found.payload) == (7, 9, 3)
    assert found.flags == SYN | ACK
    assert found.reverse == (*found.flow[2:], *found.flow[:2])


@pytest.mark.parametrize("layer", LAYERS)
def test_another_answer_has_the_checksum_that_belongs_to_it(layer: IPv4 | IPv6) -> None:
    """As if the client had written it: number and echoed timestamp."""
    options = (NOP, NOP, timestamps(5, 6))
    before = packet(layer, TCP(acknowledgement=9, flags="A", options=options))
    wanted = packet(
        layer, TCP(acknowledgement=0xFFFFFFFE, flags="A", options=(NOP, NOP, timestamps(5, 77)))
    )
    segment = Segment.of(before)
    assert segment is not None

    assert acknowledging(before, segment, 0xFFFFFFFE, (77).to_bytes(4)) == wanted


def test_timestamps_may_stand_on_an_odd_place() -> None:
    """Then they straddle the words of the checksum."""
    before = packet(LAYERS[0], TCP(flags="A", options=(NOP, timestamps(5, 0x01020304), NOP)))
    wanted = packet(LAYERS[0], TCP(flags="A", options=(NOP, timestamps(5, 0xA1B2C3D4), NOP)))
    segment = Segment.of(before)
    assert segment is not None

    assert acknowledging(before, segment, 0, bytes.fromhex("a1b2c3d4")) == wanted


def test_without_timestamps_there_is_nothing_to_echo() -> None:
    """An option list without them, or that lies about its lengths, is left alone."""
    plain = packet(LAYERS[0], TCP(options=(mss(1460),)))
    segment = Segment.of(plain)
    assert segment is not None
    lying = plain[: segment.tcp + 21] + b"\0" + plain[segment.tcp + 22 :]

    assert stamps_at(plain, segment) is None
    assert stamps_at(lying, segment) is None
    assert acknowledging(plain, segment, 0, b"abcd") == plain


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_cut_short_is_no_segment(layer: IPv4 | IPv6) -> None:
    """At every length below the whole header."""
    whole = packet(layer, TCP())
    headers = len(whole)

    assert [n for n in range(headers) if Segment.of(whole[:n])] == []
    assert Segment.of(whole) is not None


@pytest.mark.parametrize(
    "other",
    [
        bytes(Ethernet() / IPv4() / UDP())[_LINK:],
        bytes(Ethernet() / IPv4(fragment_offset=3) / TCP())[_LINK:],
        b"\x00" * 40,
    ],
)
def test_what_is_not_tcp_is_no_segment(other: bytes) -> None:
    """Nor is a later fragment."""
    assert Segment.of(other) is None
