"""A capture as an input."""

from pathlib import Path

from floodwall.forensics.account import account_of
from floodwall.forensics.finding import Kind
from tests.support.evidence import pcap, pcapng, read_capture_bytes
from tests.support.packets import TCP, Ethernet, IPv4


def test_a_flood_in_either_format_is_found(tmp_path: Path) -> None:
    """With the same account."""
    frames = [
        (n / 500, bytes(Ethernet() / IPv4(f"203.0.{n >> 8}.{n & 255}") / TCP(1_024 + n, flags="S")))
        for n in range(1_000)
    ]
    accounts = [account_of(read_capture_bytes(make(frames), tmp_path)) for make in (pcap, pcapng)]
    for account in accounts:
        assert account.verdict is Kind.SYN_FLOOD
        assert account.findings[0].requests.observed == 1_000
        assert account.inputs[0].records == 1_000
    assert accounts[0].findings[0].sources == accounts[1].findings[0].sources
