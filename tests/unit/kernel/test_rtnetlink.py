"""Interfaces, addresses and routers are those that iproute2 made."""

import socket
import struct
from ipaddress import ip_address

import pytest

from floodwall.core.errors import ConfigError
from floodwall.kernel import rtnetlink
from floodwall.kernel.rtnetlink import Traffic
from tests.support.namespace import ip


def test_loopback_is_there() -> None:
    """Every namespace has it, and it is marked."""
    found = rtnetlink.link("lo")

    assert (found.index, found.loopback, found.kind) == (1, True, "")


def test_an_unknown_interface_is_the_operators_mistake() -> None:
    """The hint lists those that exist."""
    with pytest.raises(ConfigError, match="no interface nosuch0") as raised:
        rtnetlink.link("nosuch0")
    assert raised.value.hint.startswith("there are: ")


@pytest.fixture
def near(veth: int) -> int:
    """The near end of a veth pair with addresses of both families."""
    ip("address", "add", "192.0.2.1/24", "dev", "near")
    ip("address", "add", "2001:db8::1/64", "dev", "near", "nodad")
    return veth


@pytest.mark.root
def test_an_interface_is_described(near: int) -> None:
    """Name, kind and MTU as iproute2 set them."""
    ip("link", "set", "near", "mtu", "1400")
    found = rtnetlink.link("near")

    assert (found.index, found.kind, found.mtu, found.up) == (near, "veth", 1400, True)
    assert len(found.mac) == 6


@pytest.mark.root
def test_the_port_of_a_bridge_is_known(near: int) -> None:
    """By the number of its bridge, which is no port itself."""
    ip("link", "add", "br0", "type", "bridge")
    ip("link", "set", "near", "master", "br0")
    bridge = rtnetlink.link("br0")

    assert rtnetlink.link("near").bridge == bridge.index
    assert (rtnetlink.link("far").bridge, bridge.bridge) == (0, 0)
    assert rtnetlink.link("near").index == near


@pytest.mark.root
def test_addresses_have_their_prefix(near: int) -> None:
    """Those of one interface, link-local ones among them."""
    found = {each.addr: each.prefix_bits for each in rtnetlink.addresses(near)}

    assert found[ip_address("192.0.2.1")] == 24
    assert found[ip_address("2001:db8::1")] == 64
    assert {each.ifindex for each in rtnetlink.addresses()} >= {near}


@pytest.mark.root
@pytest.mark.usefixtures("near")
def test_routers_of_every_kind_of_route_are_found() -> None:
    """Plain, several next hops, IPv6, and IPv4 by way of IPv6."""
    ip("route", "add", "default", "via", "192.0.2.254")
    ip("route", "add", "198.51.100.0/24", "nexthop", "via", "192.0.2.2", "nexthop", "via",
       "192.0.2.3")  # fmt: skip
    ip("-6", "route", "add", "default", "via", "2001:db8::fe")
    ip("route", "add", "203.0.113.0/24", "via", "inet6", "fe80::1", "dev", "near")
    ip("route", "add", "blackhole", "203.0.113.9/32")

    assert set(rtnetlink.gateways()) == {
        ip_address(text)
        for text in ("192.0.2.254", "192.0.2.2", "192.0.2.3", "2001:db8::fe", "fe80::1")
    }


@pytest.mark.root
def test_the_default_route_names_the_interface(near: int) -> None:
    """The one of IPv4 with the lowest metric; IPv6 serves where there is none."""
    ip("-6", "route", "add", "default", "via", "2001:db8::fe", "metric", "1")
    assert rtnetlink.default_interface().index == near

    ip("address", "add", "198.51.100.1/24", "dev", "far")
    ip("route", "add", "default", "via", "192.0.2.254", "metric", "200")
    ip("route", "add", "default", "via", "198.51.100.254", "metric", "100")
    assert rtnetlink.default_interface().name == "far"


@pytest.mark.root
@pytest.mark.usefixtures("near")
def test_without_a_default_route_the_operator_must_choose() -> None:
    """The hint says how."""
    with pytest.raises(ConfigError, match="no default route") as raised:
        rtnetlink.default_interface()
    assert "--interface" in raised.value.hint


def test_an_interface_counts_what_it_carries() -> None:
    """What was sent over loopback was received there."""
    before = rtnetlink.link("lo").traffic
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(bytes(1000), ("127.0.0.1", 9))
    after = rtnetlink.link("lo").traffic

    assert after.received_packets > before.received_packets
    assert after.received_bytes - before.received_bytes >= 1000
    assert after.sent_bytes - before.sent_bytes >= 1000


def test_the_counters_stand_where_the_kernel_puts_them() -> None:
    """Word by word of struct rtnl_link_stats64: drops are rx_dropped and rx_missed_errors."""
    words = memoryview(struct.pack("=24Q", *(1 << bit for bit in range(24))))

    assert rtnetlink._traffic(words) == Traffic(1 << 0, 1 << 2, 1 << 3, (1 << 6) + (1 << 15))
    assert rtnetlink._traffic(None) == Traffic()
    assert rtnetlink._traffic(words[:64]) == Traffic()
