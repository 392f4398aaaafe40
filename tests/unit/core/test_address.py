"""Addresses and prefixes survive the way into the data plane and back."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.address import (
    pack,
    pack_prefix,
    parse_address,
    parse_network,
    parse_words,
    unmapped,
    unpack,
    unpack_prefix,
)
from floodwall.core.errors import ConfigError


def test_ipv4_is_mapped() -> None:
    """RFC 4291 section 2.5.5.2 gives the form."""
    assert pack("192.0.2.1") == IPv6Address("::ffff:192.0.2.1").packed


def test_words_of_the_kernel_are_read_in_both_orders() -> None:
    """As tcp4_seq_show() and tcp6_seq_show() print 127.0.0.1 and 2001:db8::1."""
    assert unpack(parse_words("0100007F")) == unpack(parse_words("7F000001", "big"))
    assert unpack(parse_words("0100007F")) == IPv4Address("127.0.0.1")
    assert unpack(parse_words("B80D0120000000000000000001000000")) == IPv6Address("2001:db8::1")
    assert unpack(parse_words("0000000000000000FFFF00000100007F")) == IPv4Address("127.0.0.1")


@pytest.mark.parametrize("text", ["", "7F", "0100007F00", "xx00007F", "-100007F", "0" * 64])
def test_words_that_are_no_address_are_refused(text: str) -> None:
    """Of a wrong length, or no hexadecimal number."""
    with pytest.raises(ValueError, match=r"no address|fromhex"):
        parse_words(text)


@given(st.ip_addresses())
def test_an_address_comes_back(address: IPv4Address | IPv6Address) -> None:
    """Mapped IPv6 addresses come back as the IPv4 ones that they are."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None

    assert unpack(pack(address)) == (mapped or address)


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_an_ipv4_network_comes_back(address: IPv4Address, bits: int) -> None:
    """Its bits stand behind the 96 of the mapped form."""
    network = IPv4Network((address, bits), strict=False)

    assert unpack_prefix(pack_prefix(network)) == network
    assert pack_prefix(network)[0] == 96 + bits


@given(st.ip_addresses(v=6), st.integers(1, 128))
def test_an_ipv6_network_comes_back(address: IPv6Address, bits: int) -> None:
    """Whatever does not touch the mapped range keeps its bits."""
    network = IPv6Network(
        (IPv6Address(address.packed[:1] + b"\x20" + address.packed[2:]), bits), False
    )
    if not network.supernet_of(IPv6Network("::ffff:0:0/96")):
        assert unpack_prefix(pack_prefix(network)) == network


@pytest.mark.parametrize("text", ["::/0", "::/1", "::/64", "::/80"])
def test_an_ipv6_network_that_holds_all_of_ipv4_is_refused(text: str) -> None:
    """A ban of ::/0 would cut off IPv4 too, which nobody who writes it means."""
    with pytest.raises(ConfigError, match="cover all of IPv4"):
        pack_prefix(text)


@pytest.mark.parametrize("text", ["192.0.2", "2001:db8::g", "", "host.example"])
def test_what_is_no_address_is_the_operators_mistake(text: str) -> None:
    """The message quotes what was written."""
    with pytest.raises(ConfigError, match="is not an IP address"):
        parse_address(text)


def test_host_bits_in_a_network_are_a_mistake() -> None:
    """192.0.2.1/24 may mean one host or the network; the operator must say."""
    with pytest.raises(ConfigError, match="host bits"):
        pack_prefix("192.0.2.1/24")


def test_an_address_is_a_network_of_one() -> None:
    """All 128 bits count, for IPv4 too."""
    assert [pack_prefix(text)[0] for text in ("192.0.2.1", "2001:db8::1")] == [128, 128]
    assert unpack_prefix(pack_prefix(ip_address("192.0.2.1"))) == IPv4Network("192.0.2.1/32")


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("::/64", "::/64"),
    ],
)
def test_a_mapped_network_is_ipv4(text: str, network: str) -> None:
    """Written either way it is the same to every rule: nobody gets past one by spelling."""
    assert parse_network(text) == ip_network(network)
    assert unmapped(ip_network(text)) == ip_network(network)


def test_a_mapped_address_is_ipv4() -> None:
    """As the data plane has it."""
    assert parse_address("::ffff:192.0.2.1") == ip_address("192.0.2.1")
    assert parse_address("2001:db8::1") == ip_address("2001:db8::1")


def test_an_interface_is_left_out_of_an_address() -> None:
    """Else fe80::1%eth0 would be another than the fe80::1 that is protected."""
    assert parse_network("fe80::1%eth0") == IPv6Network("fe80::1")
    assert parse_network("fe80::%eth0/64") == IPv6Network("fe80::/64")
    for wrong in ("192.0.2.1%eth0", "fe80::1%", "%eth0", "fe80::1%eth0/129"):
        with pytest.raises(ConfigError):
            parse_network(wrong)
