"""Names of services, read back."""

from ipaddress import ip_address

import pytest

from floodwall.core.model import Endpoint, Mechanism, Service, Target
from floodwall.core.service_name import endpoint_of
from floodwall.core.settings import ServiceMode


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("0.0.0.0", None),
        ("::", None),
        ("192.0.2.1", ip_address("192.0.2.1")),
        ("2001:db8::1", ip_address("2001:db8::1")),
    ],
)
@pytest.mark.parametrize("process", ["", "nginx", "my server"])
def test_every_name_of_ours_is_read_back(address: str, expected: object, process: str) -> None:
    """Where it listens on all addresses there is none."""
    bound = Endpoint(ip_address(address), 443)
    target = Target(bound, 128, process=process)
    made = Service(0, bound, 0, (target,), ServiceMode.PROTECT, Mechanism.HANDOVER, 128)

    assert endpoint_of(made.name) == (expected, 443)


@pytest.mark.parametrize("name", ["", "this machine", "*:0", "*:65536", "*:99999999", "nginx:80"])
def test_what_names_no_service_is_told_by_port_0(name: str) -> None:
    """The machine as a whole, and what nobody of ours has written."""
    assert endpoint_of(name) == (None, 0)


def test_a_port_is_known_where_the_address_is_nonsense() -> None:
    """Half of it is better than nothing."""
    assert endpoint_of("999.0.2.1:80 x") == (None, 80)
