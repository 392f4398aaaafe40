"""However a segment is wrapped, it meets the verdict of the bare one or a named policy."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest

from floodwall.kernel._abi import Mode, Reason
from tests.support.bout import Bout
from tests.support.extension_headers import (
    Authentication,
    DestinationOptions,
    Fragment,
    HopByHop,
    Routing,
)
from tests.support.packets import (
    TCP,
    Ethernet,
    IPv4,
    IPv6,
    Layer,
    Packet,
    ServiceVlan,
    Vlan,
)

pytestmark = pytest.mark.root

TAGS_READ, EXTENSIONS_READ = 4, 6  # docs/threat-model.md
BARE = {  # what an armed service does with the bare segment
    "S": Reason.CHALLENGE_FLOOD,
    "SE": Reason.CHALLENGE_FLOOD,
    "SEC": Reason.CHALLENGE_FLOOD,
    "SPU": Reason.CHALLENGE_FLOOD,
    "SF": Reason.DROP_BAD_FLAGS,
    "SR": Reason.DROP_BAD_FLAGS,
    "FSRPAUEC": Reason.DROP_BAD_FLAGS,
    "SA": Reason.DROP_BAD_ACK,
    "A": Reason.DROP_BAD_ACK,
    "FPU": Reason.DROP_BAD_ACK,
    "RA": Reason.DROP_BAD_ACK,
    "": Reason.DROP_BAD_ACK,
}


class Wrapping(NamedTuple):
    """One way to carry a segment; `policy` is its verdict, nothing means that of the segment."""

    name: str
    layers: tuple[Layer, ...]
    policy: Reason | None = None
    cut: int = 0  # bytes taken off the end of the frame


def _links() -> list[Wrapping]:
    wrappings = []
    tags: tuple[tuple[str, Layer], ...]
    tags = (("q", Vlan(7)), ("ad", ServiceVlan(7)), ("priority", Vlan(0, 5)))
    for count, (name, tag) in product(range(6), tags):
        policy = Reason.PASS_TOO_MANY_TAGS if count > TAGS_READ else None
        layers: tuple[Layer, ...] = (Ethernet(), *[tag] * count)
        wrappings.append(Wrapping(f"{count}-{name}", layers, policy))
    mixed = (Ethernet(), ServiceVlan(1), Vlan(2), ServiceVlan(3), Vlan(4))
    return [*wrappings, Wrapping("mixed", mixed)]


def _networks() -> list[Wrapping]:
    wrappings = [
        Wrapping(f"ihl-{words}", (IPv4(options=bytes([1]) * 4 * (words - 5)),))
        for words in range(5, 16)
    ]
    wrappings += [
        Wrapping("first", (IPv4(more_fragments=True),)),
        Wrapping("later", (IPv4(fragment_offset=1),), Reason.PASS_LATER_FRAGMENT),
        Wrapping("last", (IPv4(fragment_offset=8191),), Reason.PASS_LATER_FRAGMENT),
        Wrapping("tiny", (IPv4(more_fragments=True),), Reason.DROP_TINY_FRAGMENT, cut=1),
        Wrapping("gre", (IPv4(protocol=47),), Reason.PASS_NOT_TCP),
        Wrapping("ipip", (IPv4(protocol=4), IPv4()), Reason.PASS_NOT_TCP),
        Wrapping("first-6", (IPv6(), Fragment(more=True))),
        Wrapping("later-6", (IPv6(), Fragment(1)), Reason.PASS_LATER_FRAGMENT),
        Wrapping("tiny-6", (IPv6(), Fragment(more=True)), Reason.DROP_TINY_FRAGMENT, cut=1),
        Wrapping("esp", (IPv6(next_header=50),), Reason.PASS_NOT_TCP),
        Wrapping("no-next", (IPv6(next_header=59),), Reason.PASS_NOT_TCP),
        Wrapping("routed-on", (IPv6(), Routing(1)), Reason.PASS_EXT_HEADERS),
    ]
    kinds: list[Layer]
    kinds = [HopByHop(), DestinationOptions(3), Routing(), Fragment(), Authentication()]
    for count, kind in product(range(9), kinds):
        policy = Reason.PASS_EXT_HEADERS if count > EXTENSIONS_READ else None
        name = f"{count}-{type(kind).__name__}"
        wrappings.append(Wrapping(name, (IPv6(), *[kind] * count), policy))
    return wrappings


def _foreign() -> list[Wrapping]:
    labelled = Ethernet(ethertype=0x8847)
    dialled = Ethernet(ethertype=0x8864)
    return [
        Wrapping("mpls", (labelled, IPv4()), Reason.PASS_NOT_IP),
        Wrapping("pppoe", (dialled, IPv4()), Reason.PASS_NOT_IP),
    ]


@pytest.mark.parametrize("link", _links(), ids=lambda wrapping: wrapping.name)
def test_wrapping_changes_nothing_or_has_its_own_counter(bout: Bout, link: Wrapping) -> None:
    """For each of 68 networks and 12 flag sets, exactly the foretold counter moves."""
    bout.limit(mode=Mode.ARMED)
    wrong = []
    challenged = 0
    for network, flags in product(_networks(), BARE):
        expected = link.policy or network.policy or BARE[flags]
        found = bout.reason(_frame((link, network), flags))
        challenged += found is Reason.CHALLENGE_FLOOD
        if found is not expected:
            wrong.append((network.name, flags, found.name, expected.name))

    assert wrong == []
    assert bout.web.tally.syns == bout.web.tally.challenged == challenged
    bout.check()


@pytest.mark.parametrize("wrapping", _foreign(), ids=lambda wrapping: wrapping.name)
def test_other_protocols_pass_as_what_they_are(bout: Bout, wrapping: Wrapping) -> None:
    """Labels and sessions that hide IP are no business of the data plane."""
    bout.limit(mode=Mode.ARMED)

    assert {bout.reason(_frame((wrapping,), flags)) for flags in BARE} == {wrapping.policy}


def _frame(wrappings: tuple[Wrapping, ...], flags: str) -> bytes:
    layers = tuple(layer for wrapping in wrappings for layer in wrapping.layers)
    raw = bytes(Packet(layers) / TCP(flags=flags))
    cut = max(wrapping.cut for wrapping in wrappings)
    return raw[: len(raw) - cut]
