"""Sets of networks."""

from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.networks import NetworkSet, as_network

prefixes = st.builds(
    lambda number, bits: ip_network((number >> (32 - bits) << (32 - bits), bits)),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)


@given(st.lists(prefixes, max_size=8), st.integers(0, 2**32 - 1))
def test_find_agrees_with_a_plain_search(networks: list[IPv4Network], number: int) -> None:
    """The tables by prefix length answer as `in` does."""
    address = IPv4Address(number)

    assert (address in NetworkSet(networks)) == any(address in own for own in networks)


@given(st.lists(prefixes, max_size=8), prefixes)
def test_touching_agrees_with_overlaps(networks: list[IPv4Network], other: IPv4Network) -> None:
    """Wider and narrower networks both touch."""
    touched = NetworkSet(networks).touching(other)

    assert (touched is not None) == any(own.overlaps(other) for own in networks)


def test_families_are_apart() -> None:
    """No IPv4 network covers an IPv6 address."""
    everything = NetworkSet([ip_network("0.0.0.0/0")])

    assert ip_address("2001:db8::1") not in everything
    assert everything.touching(ip_network("::/0")) is None
    assert len(everything) == 1


def test_an_address_is_a_network_of_one() -> None:
    """Single addresses and networks are handled alike."""
    assert as_network(ip_address("2001:db8::1")) == ip_network("2001:db8::1/128")


def test_a_network_lies_in_another() -> None:
    """In an equal or a wider one, of the same version."""
    known = NetworkSet(map(ip_network, ("10.0.0.0/8", "192.0.2.1/32", "2001:db8::/48")))

    assert known.covering(ip_network("10.1.0.0/16")) == ip_network("10.0.0.0/8")
    assert known.covering(ip_network("192.0.2.1/32")) == ip_network("192.0.2.1/32")
    assert known.covering(ip_network("192.0.2.0/24")) is None
    assert known.covering(ip_network("0.0.0.0/0")) is None
    assert known.covering(ip_network("2001:db8:0:1::/64")) == ip_network("2001:db8::/48")
