"""How two attacks resemble each other."""

import numpy as np
import pytest

from floodwall.core.address import parse_address
from floodwall.forensics.account import account_of
from floodwall.forensics.compare import Aspect, Comparison, Side, compare
from floodwall.forensics.evidence import Flag, Origin, blank, words_of
from floodwall.forensics.partial import Partial
from tests.support.evidence import Row, flood_rows, handshake_rows, segments


def side(name: str, rows: list[Row], *, ttl: int = 64, window: int = 65_535) -> Side:
    """Return one side made of segments."""
    partial = Partial()
    made = segments(*rows, ttl=ttl, window=window)
    made["sequence"] = np.where(made["flags"] & int(Flag.SYN), 1_000, 1_001)
    made["data"] = np.where(made["flags"] & int(Flag.PSH), 100, 0)
    partial.add(made)
    return Side(name, account_of(partial), partial)


def aspects(found: Comparison) -> dict[str, Aspect]:
    """Return the aspects by name."""
    return {aspect.name: aspect for aspect in found.aspects}


def test_an_attack_is_like_itself() -> None:
    """In every way."""
    one = side("a", flood_rows(400))
    found = compare(one, one)
    for aspect in found.aspects:
        assert (aspect.in_a, aspect.both, aspect.exact) == (aspect.in_b, aspect.in_a, True)
        assert aspect.alike == pytest.approx(1)
        assert aspect.of_a is not None
        assert aspect.of_a.value == 1
    assert found.conclusions[0] == "both are called syn_flood"
    assert "the same machines" in found.conclusions[1]


def test_shares_are_of_each_side() -> None:
    """A hundred of four hundred, and of two hundred."""
    found = aspects(compare(side("a", flood_rows(400)), side("b", flood_rows(500)[300:])))
    sources = found["sources"]
    assert (sources.in_a, sources.in_b, sources.both) == (400, 200, 100)
    assert sources.of_a is not None
    assert sources.of_b is not None
    assert (sources.of_a.value, sources.of_b.value) == (0.25, 0.5)
    assert 0.2 < sources.of_a.low < 0.25 < sources.of_a.high < 0.3
    assert sources.alike == pytest.approx(0.25)
    assert sources.chance == pytest.approx(400 * 200 / 2**32)


def test_different_tools_against_different_victims_have_nothing_in_common() -> None:
    """And that is said."""
    moved = [
        (at, f"100.64.{source[6:]}", port, "198.51.100.9", 443, flags)
        for at, source, port, _, _, flags in flood_rows(300)
    ]
    found = compare(side("a", flood_rows(300)), side("b", moved, ttl=250, window=512))
    named = aspects(found)
    for name in ("sources", "prefixes", "forms of SYN", "victims", "ports of victims"):
        assert (named[name].both, named[name].alike) == (0, 0.0)
    told = " ".join(found.conclusions)
    assert "different tools" in told
    assert "say nothing about who it was" in told


def test_users_beside_the_attack_do_not_count() -> None:
    """Only requests to its victims do."""
    users = handshake_rows(200, port=22)
    found = compare(side("a", [*flood_rows(300), *users]), side("b", flood_rows(300)))
    assert aspects(found)["sources"].in_a == 300
    assert aspects(found)["ports of victims"].in_a == 1


def test_what_was_not_seen_is_unknown() -> None:
    """Not 0."""
    found = compare(side("a", flood_rows(300)), Side("b", account_of(Partial()), Partial()))
    forms = aspects(found)["forms of SYN"]
    assert (forms.alike, forms.of_b) == (None, None)
    assert found.conclusions[0] == "they are called differently: syn_flood and none"
    assert any("nothing can be said about the tool" in text for text in found.conclusions)


def test_unnamed_victims_are_not_the_same() -> None:
    """As of logs that name none."""
    partial = Partial()
    made = segments(*flood_rows(300))
    made["victim_high"] = made["victim_low"] = made["port"] = 0
    made["origin"] = int(Origin.DROPPED)
    partial.add(made)
    one = Side("kern.log", account_of(partial), partial)
    found = compare(one, one)
    for name in ("victims", "ports of victims"):
        aspect = aspects(found)[name]
        assert (aspect.in_a, aspect.alike, aspect.of_a) == (0, None, None)
    assert not any("same victims" in text for text in found.conclusions)


def many(first: int, count: int) -> Side:
    """Return a flood of more sources than are kept."""
    partial = Partial()
    made = blank(count)
    made["source_low"] = (0xFFFF << 32) + first + np.arange(count, dtype=np.uint64) * np.uint64(97)
    made["victim_high"], made["victim_low"] = words_of(parse_address("198.51.100.1"))
    made["at"], made["port"], made["flags"] = np.arange(count) / 1e5, 80, int(Flag.SYN)
    partial.add(made)
    partial.add(made[: count // 8])
    return Side("x", account_of(partial), partial)


@pytest.mark.slow
def test_more_sources_than_are_kept_are_estimated() -> None:
    """With an interval that holds the truth."""
    count, shift = 600_000, 300_000
    found = compare(many(0, count), many(shift * 97, count))
    sources = aspects(found)["sources"]
    assert not sources.exact
    assert sources.alike is None
    assert sources.of_a is not None
    assert sources.of_a.low < 0.5 < sources.of_a.high
    assert sources.of_a.high - sources.of_a.low < 0.15
    assert "too many sources" in sources.reason
