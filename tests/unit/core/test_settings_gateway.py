"""What an operator may write about a gateway."""

from ipaddress import ip_address

import pytest
from pydantic import ValidationError

from floodwall.core.settings_gateway import GatewayPolicy, split_endpoint


def test_it_is_off_unless_asked_for() -> None:
    """A host is no gateway."""
    assert not GatewayPolicy().enabled


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [("192.0.2.10:443", "192.0.2.10", 443), ("[2001:db8::10]:65535", "2001:db8::10", 65535)],
)
def test_an_endpoint_is_address_and_port(text: str, address: str, port: int) -> None:
    """IPv6 stands in brackets."""
    assert split_endpoint(text) == (ip_address(address), port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "443",
        "192.0.2.10",
        "192.0.2.10:",
        "192.0.2.10:0",
        "192.0.2.10:65536",
        "192.0.2.10:http",
        "[192.0.2.10]:443",
        "2001:db8::10:443",
        "[2001:db8::10]",
        "example.org:443",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """The mistake is named when the settings are read."""
    with pytest.raises(ValidationError):
        GatewayPolicy(services=(text,))


def test_right_ones_are_kept_as_they_are_written() -> None:
    """The settings show what the operator wrote."""
    written = ("192.0.2.10:443", "[2001:db8::10]:443")
    assert GatewayPolicy(services=written).services == written


@pytest.mark.parametrize("half_open", [1, 10**6 + 1])
def test_limits_have_limits(half_open: int) -> None:
    """A service that arms at its first client, or never, helps nobody."""
    with pytest.raises(ValidationError):
        GatewayPolicy(half_open=half_open)
