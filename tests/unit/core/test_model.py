"""Values of the model."""

from ipaddress import ip_network

import pytest

from floodwall.core.model import Translation
from tests.support.playbook import endpoint


@pytest.mark.parametrize(
    ("address", "text"), [("192.0.2.1", "192.0.2.1:80"), ("2001:db8::1", "[2001:db8::1]:80")]
)
def test_endpoints_are_written_as_in_a_url(address: str, text: str) -> None:
    """IPv6 addresses stand in brackets, RFC 3986."""
    assert str(endpoint(address, 80)) == text


@pytest.mark.parametrize(
    ("address", "port", "covered"),
    [
        ("192.0.2.1", 80, True),
        ("192.0.2.1", 90, True),
        ("192.0.2.1", 91, False),
        ("198.51.100.1", 80, False),
        ("2001:db8::1", 80, False),
    ],
)
def test_translations_cover_ports_and_networks(address: str, port: int, *, covered: bool) -> None:
    """Both must match, in the same family."""
    translation = Translation(80, 90, ip_network("192.0.2.0/24"))

    assert translation.covers(endpoint(address, port)) is covered


def test_a_translation_may_hold_for_all_addresses() -> None:
    """Without a network only the port counts."""
    assert Translation(80, 80).covers(endpoint("2001:db8::1", 80))
