"""Packets come out as the RFCs draw them."""

from __future__ import annotations

from tests.support.checksums import checksum_holds, internet_checksum
from tests.support.dissect import dissect
from tests.support.extension_headers import Fragment, HopByHop
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, ServiceVlan, Vlan
from tests.support.tcp_options import NOP, SACK_PERMITTED, decode_options, encode_options, mss


def test_checksum_is_that_of_the_rfc() -> None:
    """RFC 1071 section 3: the words 0001 f203 f4f5 f6f7 sum up to ddf2."""
    words = bytes.fromhex("0001f203f4f5f6f7")

    assert internet_checksum(words) == 0xFFFF - 0xDDF2
    assert checksum_holds(words + (0xFFFF - 0xDDF2).to_bytes(2, "big"))
    assert internet_checksum(b"") == 0xFFFF


def test_frame_is_drawn_byte_by_byte() -> None:
    """A SYN of 198.51.100.7 to 192.0.2.1 is these 54 bytes."""
    frame = bytes(Ethernet() / IPv4() / TCP())

    assert frame[:14].hex() == "020000000001" + "020000000002" + "0800"
    assert frame[14:34].hex() == "45000028000040004006" + frame[24:26].hex() + "c6336407c0000201"
    assert frame[34:50].hex() == "9c400050" + "01020304" + "00000000" + "5002faf0"
    assert checksum_holds(frame[14:34])
    assert dissect(frame).checksums_hold


def test_layers_name_what_they_carry() -> None:
    """Types, protocols and next headers follow from the stack."""
    packet = Ethernet() / ServiceVlan(1) / Vlan(2, 3) / IPv6() / HopByHop() / Fragment() / TCP()
    frame = bytes(packet)

    assert frame[12:22].hex() == "88a8" + "0001" + "8100" + "6002" + "86dd"
    assert (frame[28], frame[62], frame[70]) == (0, 44, 6)  # hop-by-hop, fragment, TCP
    assert int.from_bytes(frame[26:28], "big") == len(frame) - 22 - 40


def test_options_are_padded_to_words() -> None:
    """Four and two bytes become eight; reading skips padding and no-operations."""
    raw = encode_options([mss(1460), NOP, SACK_PERMITTED])

    assert raw.hex() == "020405b4" + "01" + "0402" + "00"
    assert decode_options(raw) == [mss(1460), SACK_PERMITTED]


def test_author_may_lie() -> None:
    """Every derived field can be overridden, for packets that are wrong on purpose."""
    frame = bytes(Ethernet() / IPv4(version=7, header_words=2, total_length=9) / TCP(checksum=1))

    assert frame[14] == 0x72
    assert int.from_bytes(frame[16:18], "big") == 9
    assert frame[50:52] == b"\0\1"
