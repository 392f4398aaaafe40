"""Addresses of the lab."""

from ipaddress import ip_address

import pytest

from floodwall.lab.addresses import (
    CLIENTS_PER_NETWORK,
    SERVER_LINK,
    Family,
    clients,
    is_in_lab,
    network,
    router,
    server,
)


@pytest.mark.parametrize("family", Family)
def test_everybody_has_an_address_of_his_own(family: Family) -> None:
    """Router, server and clients of all networks never share one."""
    everybody = [server(family), *(router(family, number) for number in (SERVER_LINK, 1, 2))]
    everybody += clients(family, 1) + clients(family, 2)

    assert len(set(everybody)) == len(everybody)


@pytest.mark.parametrize("family", Family)
def test_there_are_many_clients_in_each_network(family: Family) -> None:
    """One client would be known to the kernel, and be let in where strangers are not."""
    found = clients(family, 1)

    assert len(found) == CLIENTS_PER_NETWORK
    assert all(one in network(family, 1) for one in found)


@pytest.mark.parametrize("family", Family)
def test_all_of_them_are_in_the_lab(family: Family) -> None:
    """Only networks reserved for benchmarks are used."""
    assert all(is_in_lab(one) for one in [server(family), router(family, 2)])


@pytest.mark.parametrize("outside", ["192.0.2.1", "198.17.255.255", "2001:db8::1", "2001:2:1::"])
def test_other_addresses_are_not(outside: str) -> None:
    """The borders are exact."""
    assert not is_in_lab(ip_address(outside))
