"""What is not a whole TCP packet to a service passes, and is counted by what it is."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from floodwall.kernel._abi import Mode, Reason
from tests.support.bout import Bout
from tests.support.extension_headers import DestinationOptions, Fragment, HopByHop, Routing
from tests.support.packets import TCP, UDP, Ethernet, IPv4, IPv6, Packet, ServiceVlan, Vlan

pytestmark = pytest.mark.root

LINK = Ethernet()
TAG = Vlan(5)
TAGS = LINK / TAG / ServiceVlan() / TAG
QINQ = 0x88A8
WHOLE4 = bytes(LINK / IPv4() / TCP())
WHOLE6 = bytes(LINK / IPv6() / TCP())


class Case(NamedTuple):
    """A frame and the reason that it must be counted under."""

    name: str
    frame: Packet | bytes
    reason: Reason


CASES = (
    Case("arp", LINK / Vlan(ethertype=0x0806) / bytes(28), Reason.PASS_NOT_IP),
    Case("bare-ethernet", bytes(Ethernet(ethertype=0x0800)), Reason.PASS_BAD_IP),
    Case("tag-cut-short", bytes(LINK / TAG)[:16], Reason.PASS_NOT_IP),
    Case("tag-cut-before-type", bytes(LINK / TAG)[:17], Reason.PASS_NOT_IP),
    Case("four-tags", TAGS / TAG / IPv4() / TCP(), Reason.CHALLENGE_FLOOD),
    Case("five-tags", TAGS / TAG / TAG / IPv4() / TCP(), Reason.PASS_TOO_MANY_TAGS),
    Case("fifth-tag-cut", TAGS / Vlan(ethertype=QINQ), Reason.PASS_TOO_MANY_TAGS),
    Case("ipv4-19-bytes", WHOLE4[:33], Reason.PASS_BAD_IP),
    Case("ipv4-version-5", LINK / IPv4(version=5) / TCP(), Reason.PASS_BAD_IP),
    Case("ipv4-short-ihl", LINK / IPv4(header_words=4) / TCP(), Reason.PASS_BAD_IP),
    Case("ipv4-ihl-beyond", bytes(LINK / IPv4(header_words=15)), Reason.PASS_BAD_IP),
    Case("ipv4-total-below-ihl", LINK / IPv4(total_length=19) / TCP(), Reason.PASS_BAD_IP),
    Case("ipv4-wrong-checksum", LINK / IPv4(checksum=1) / TCP(), Reason.CHALLENGE_FLOOD),
    Case("ipv4-udp", LINK / IPv4() / UDP(), Reason.PASS_NOT_TCP),
    Case("ipv4-in-ipv4", LINK / IPv4(protocol=4) / IPv4() / TCP(), Reason.PASS_NOT_TCP),
    Case("ipv4-gre", LINK / IPv4(protocol=47) / bytes(24), Reason.PASS_NOT_TCP),
    Case("ipv6-39-bytes", WHOLE6[:53], Reason.PASS_BAD_IP),
    Case("ipv6-version-4", LINK / IPv6(version=4) / TCP(), Reason.PASS_BAD_IP),
    Case("ipv6-mapped-source", LINK / IPv6("::ffff:1.2.3.4") / TCP(), Reason.PASS_BAD_IP),
    Case(
        "ipv6-mapped-destination",
        LINK / IPv6(destination="::ffff:192.0.2.1") / TCP(),
        Reason.PASS_BAD_IP,
    ),
    Case("ipv6-no-next-header", LINK / IPv6(next_header=59) / bytes(20), Reason.PASS_NOT_TCP),
    Case("ipv6-esp", LINK / IPv6(next_header=50) / bytes(40), Reason.PASS_NOT_TCP),
    Case("ipv6-udp", LINK / IPv6() / UDP(), Reason.PASS_NOT_TCP),
    Case("ipv6-udp-behind-options", LINK / IPv6() / HopByHop() / UDP(), Reason.PASS_NOT_TCP),
    Case("ipv6-longest-option", LINK / IPv6() / HopByHop(255) / TCP(), Reason.CHALLENGE_FLOOD),
    Case(
        "ipv6-longest-option-cut",
        bytes(LINK / IPv6() / HopByHop(255) / TCP())[:2000],
        Reason.PASS_EXT_HEADERS,
    ),
    Case("ipv6-header-cut", bytes(LINK / IPv6() / HopByHop())[:61], Reason.PASS_EXT_HEADERS),
    Case("ipv6-routed-on", LINK / IPv6() / Routing(1) / TCP(), Reason.PASS_EXT_HEADERS),
    Case("ipv6-routed-here", LINK / IPv6() / Routing(0) / TCP(), Reason.CHALLENGE_FLOOD),
    Case("ipv6-jumbo", LINK / IPv6(payload_length=0) / TCP(), Reason.PASS_BAD_TCP),
    Case("tcp-19-bytes", WHOLE4[:-1], Reason.PASS_BAD_TCP),
    Case("tcp-cut-by-total", LINK / IPv4(total_length=39) / TCP(), Reason.PASS_BAD_TCP),
    Case("tcp-cut-by-payload", LINK / IPv6(payload_length=19) / TCP(), Reason.PASS_BAD_TCP),
    Case("tcp-short-offset", LINK / IPv4() / TCP(header_words=4), Reason.PASS_BAD_TCP),
    Case("tcp-offset-beyond", LINK / IPv4() / TCP(header_words=6), Reason.PASS_BAD_TCP),
    Case("tcp-wrong-checksum", LINK / IPv4() / TCP(checksum=1), Reason.CHALLENGE_FLOOD),
    Case("trailer", LINK / IPv4(total_length=40) / TCP() / bytes(20), Reason.CHALLENGE_FLOOD),
    Case("later-fragment", LINK / IPv4(fragment_offset=1) / TCP(), Reason.PASS_LATER_FRAGMENT),
    Case("later-udp", LINK / IPv4(fragment_offset=1) / UDP(), Reason.PASS_LATER_FRAGMENT),
    Case("first-fragment", LINK / IPv4(more_fragments=True) / TCP(), Reason.CHALLENGE_FLOOD),
    Case("later-fragment-ipv6", LINK / IPv6() / Fragment(1) / TCP(), Reason.PASS_LATER_FRAGMENT),
    Case("atomic-fragment-ipv6", LINK / IPv6() / Fragment() / TCP(), Reason.CHALLENGE_FLOOD),
    Case(
        "first-fragment-ipv6", LINK / IPv6() / Fragment(more=True) / TCP(), Reason.CHALLENGE_FLOOD
    ),
    Case(
        "tiny-fragment",
        bytes(LINK / IPv4(more_fragments=True) / TCP())[:-8],
        Reason.DROP_TINY_FRAGMENT,
    ),
    Case(
        "tiny-fragment-by-its-length",
        LINK / IPv4(more_fragments=True, total_length=28) / TCP(header_words=0),
        Reason.DROP_TINY_FRAGMENT,
    ),
    Case(
        "tiny-fragment-ipv6",
        bytes(LINK / IPv6() / Fragment(more=True) / DestinationOptions() / TCP())[:-1],
        Reason.DROP_TINY_FRAGMENT,
    ),
    Case(
        "tiny-fragment-to-others",
        bytes(LINK / IPv4(destination="192.0.2.77", more_fragments=True) / TCP())[:-8],
        Reason.PASS_BAD_TCP,
    ),
    Case("multicast", Ethernet("33:33:00:00:00:01") / IPv6() / TCP(), Reason.PASS_NOT_SERVICE),
    Case("broadcast", Ethernet("ff:ff:ff:ff:ff:ff") / IPv4() / TCP(), Reason.PASS_NOT_SERVICE),
    Case("other-port", LINK / IPv4() / TCP(destination=81), Reason.PASS_NOT_SERVICE),
    Case("other-host", LINK / IPv4(destination="192.0.2.2") / TCP(), Reason.PASS_NOT_SERVICE),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_frame_is_counted_by_what_it_is(bout: Bout, case: Case) -> None:
    """An armed service sees only what is surely a TCP packet to it."""
    bout.limit(mode=Mode.ARMED)

    assert bout.reason(case.frame) is case.reason


def test_tiny_fragment_passes_without_lease(bout: Bout) -> None:
    """A daemon that is gone drops nothing."""
    bout.world.lease_until_ns = bout.world.now_ns
    bout.sync()

    frame = bytes(LINK / IPv4(more_fragments=True) / TCP())[:-8]

    assert bout.reason(frame) is Reason.PASS_BAD_TCP


def test_tiny_fragment_of_protected_source_passes(bout: Bout) -> None:
    """The never-ban set outranks the rule against tiny fragments."""
    bout.world.never_ban.add("198.51.100.0/24", value=True)
    bout.sync()

    frame = bytes(LINK / IPv4(more_fragments=True) / TCP())[:-8]

    assert bout.reason(frame) is Reason.PASS_NEVER_BAN
