"""Requests to some victims."""

from collections import Counter

from floodwall.core.address import parse_address
from floodwall.forensics.evidence import Flag, words_of
from floodwall.forensics.group import group_of
from floodwall.forensics.partial import Partial
from tests.support.evidence import segments


def partial() -> Partial:
    """Twelve requests of three sources to one port, one to another."""
    made = Partial()
    rows = [
        (float(n), f"192.0.2.{n % 3}", 1_024 * n, "198.51.100.1", 80, Flag.SYN) for n in range(12)
    ]
    made.add(segments(*rows, (99.0, "2001:db8:1:2::5", 1, "2001:db8::1", 25, Flag.SYN)))
    return made


def test_a_group_holds_its_victims_only() -> None:
    """Sources, endpoints, prefixes, times and ports."""
    whole = partial()
    rows = whole.pairs.rows().keys
    group = group_of(whole, rows[rows[:, 2] == 80][:, :3])

    sources = group.sources(Counter({words_of(parse_address("192.0.2.0")): 50}))
    assert (group.observed, sources.distinct, sources.exact) == (12, 3, True)
    assert [(one.name, one.requests) for one in sources.prefixes] == [("192.0.2.0/24", 12)]
    assert {one.name: one.naive for one in sources.top}["192.0.2.0"] == 54
    assert len(sources.endpoints) == 12
    assert group.span() == (0.0, 11.0)
    assert sum(group.source_ports()) == 12
    (shape,) = group.fingerprints()
    assert (shape.requests, shape.ttl, shape.flags) == (12, 64, "SYN")


def test_ipv6_prefixes_are_64_bits() -> None:
    """As everywhere in Floodwall."""
    names = {one.name for one in group_of(partial()).sources().prefixes}
    assert names == {"192.0.2.0/24", "2001:db8:1:2::/64"}
