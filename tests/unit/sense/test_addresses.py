"""Addresses of this machine."""

from ipaddress import ip_address

import pytest

from floodwall.kernel import rtnetlink
from floodwall.kernel.rtnetlink import InterfaceAddress
from floodwall.sense.addresses import own_addresses


def test_loopback_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other addresses of the loopback interface are: services live there, too."""
    rows = [
        InterfaceAddress(1, ip_address("127.0.0.1"), 8),
        InterfaceAddress(1, ip_address("::1"), 128),
        InterfaceAddress(1, ip_address("198.51.100.1"), 32),
        InterfaceAddress(2, ip_address("192.0.2.10"), 24),
    ]
    monkeypatch.setattr(rtnetlink, "addresses", lambda: rows)

    assert own_addresses() == {ip_address("198.51.100.1"), ip_address("192.0.2.10")}
