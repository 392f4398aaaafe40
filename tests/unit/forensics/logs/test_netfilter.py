"""LOG lines of firewalls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.address import parse_address
from floodwall.forensics.evidence import Flag, words_of
from floodwall.forensics.logs.netfilter import read_packet

REST = "LEN=60 TOS=0x00 PREC=0x00 TTL=48 ID=59696 DF PROTO=TCP SPT=50196 DPT=6000 "
END = "WINDOW=32120 RES=0x00 SYN URGP=0 "
IPV4 = f"IN=ens3 OUT= MAC=32:1c SRC=192.0.2.9 DST=198.51.100.1 {REST}{END}"


@pytest.mark.parametrize(
    "prefix", ["", "[UFW BLOCK] ", "[WAN_LOCAL-4000-D]", "ngate-", "Shorewall:net2fw:DROP:"]
)
def test_prefixes_are_free_text(prefix: str) -> None:
    """With or without a blank behind them."""
    packet = read_packet(f"{prefix}{IPV4}".encode())
    assert packet is not None
    source, victim, sport, port, flags, ttl, window, mss, *_ = packet
    assert source == words_of(parse_address("192.0.2.9"))
    assert victim == words_of(parse_address("198.51.100.1"))
    assert (sport, port, flags) == (50196, 6000, int(Flag.SYN))
    assert (ttl, window, mss) == (48, 32120, 0)


def test_ipv6_sequence_numbers_and_options() -> None:
    """As nf_log_syslog writes them."""
    text = (
        "DROP IN=eth0 OUT= SRC=2001:0db8:0000:0000:0000:0000:0000:0002 "
        "DST=2001:0db8:0000:0000:0000:0000:0000:0001 LEN=80 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=TCP "
        "SPT=46395 DPT=80 SEQ=7 ACK=8 WINDOW=5760 RES=0x00 ACK PSH URGP=0 OPT (020405B4)"
    )
    packet = read_packet(text.encode())
    assert packet is not None
    assert packet[4] == Flag.ACK | Flag.PSH
    assert packet[5] == 64
    assert packet[7:10] == (1460, 7, 8)


@pytest.mark.parametrize(
    "text",
    [
        IPV4.replace("PROTO=TCP", "PROTO=UDP"),
        IPV4.replace("192.0.2.9", "xxx.xxx"),
        IPV4.replace("192.0.2.9", "1.2.3.999"),
        IPV4.replace("50196", "70000"),
        "IN=eth0 OUT=",
    ],
)
def test_other_lines_are_none(text: str) -> None:
    """Other protocols, masked and impossible addresses."""
    assert read_packet(text.encode()) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read(message: bytes) -> None:
    """Without an error."""
    read_packet(message)
    read_packet(b"IN= OUT= SRC=1.2.3.4 DST=1.2.3.4 LEN=1 " + message + REST.encode() + message)
