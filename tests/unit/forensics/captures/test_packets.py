"""The frames of a capture, one by one and each with an Ethernet header."""

from __future__ import annotations

from pathlib import Path

import pytest

from floodwall.core.errors import ConfigError
from floodwall.forensics.captures.packets import packets_of
from tests.support.evidence import pcap, pcapng
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Vlan

FRAMES = (
    bytes(Ethernet() / IPv4() / TCP()),
    bytes(Ethernet() / Vlan(7) / IPv6() / TCP() / b"payload"),
)


@pytest.mark.parametrize("write", [pcap, pcapng])
def test_ethernet_frames_come_as_they_are(tmp_path: Path, write: object) -> None:
    """With their tags, and where IP begins."""
    file = tmp_path / "some.pcap"
    file.write_bytes((pcap if write is pcap else pcapng)([(1.0, FRAMES[0]), (2.5, FRAMES[1])]))
    found = list(packets_of([str(file)]))

    assert [packet.frame for packet in found] == list(FRAMES)
    assert [packet.ip for packet in found] == [14, 18]
    assert [packet.at for packet in found] == [1.0, 2.5]


def test_other_links_get_an_ethernet_header(tmp_path: Path) -> None:
    """Raw IP, link type 101: the program must see a frame."""
    file = tmp_path / "raw.pcap"
    file.write_bytes(pcap([(1.0, FRAMES[0][14:]), (1.0, FRAMES[1][18:])], link=101))
    four, six = packets_of([str(file)])

    assert (four.frame[12:14], four.frame[four.ip :]) == (b"\x08\x00", FRAMES[0][14:])
    assert (six.frame[12:14], six.frame[six.ip :]) == (b"\x86\xdd", FRAMES[1][18:])


def test_what_the_capture_cut_off_is_filled_up(tmp_path: Path) -> None:
    """A snapshot length hides payload; the program must not take that for a broken packet."""
    whole = bytes(Ethernet() / IPv4() / TCP() / bytes(400))
    file = tmp_path / "short.pcap"
    file.write_bytes(pcap([(1.0, whole[:60])]))
    (found,) = packets_of([str(file)])

    assert found.frame == whole


def test_what_is_no_ip_is_left_out(tmp_path: Path) -> None:
    """ARP, and frames that end before IP begins."""
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    file = tmp_path / "arp.pcap"
    file.write_bytes(pcap([(1.0, arp), (1.0, bytes(14)), (1.0, FRAMES[0])]))

    assert [packet.frame for packet in packets_of([str(file)])] == [FRAMES[0]]


def test_a_log_cannot_be_replayed(tmp_path: Path) -> None:
    """It holds no frames, whatever it tells."""
    file = tmp_path / "kern.log"
    file.write_text("Feb 28 09:27:37 nap1 kernel: NET: 2263 messages suppressed.\n")

    with pytest.raises(ConfigError, match="no capture"):
        list(packets_of([str(file)]))
