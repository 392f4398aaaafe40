"""Floods that kernel messages tell of."""

from floodwall.core.address import parse_address
from floodwall.forensics.evidence import Flag, Origin, Sign, blank, words_of
from floodwall.forensics.finding import Kind
from floodwall.forensics.findings.dropped import find
from floodwall.forensics.partial import Mark, Partial, Suppressed


def dropped(count: int) -> Partial:
    """Return a partial with so many dropped requests."""
    rows = blank(count)
    rows["at"] = range(count)
    rows["source_high"], rows["source_low"] = words_of(parse_address("192.0.2.7"))
    rows["flags"], rows["origin"] = int(Flag.SYN), int(Origin.DROPPED)
    partial = Partial()
    partial.add(rows)
    return partial


def test_a_few_dropped_requests_are_no_flood() -> None:
    """A queue that was full for a moment."""
    assert find(dropped(3)) == []
    assert find(Partial()) == []


def test_many_are_also_by_what_was_suppressed() -> None:
    """Only by what can be network messages."""
    partial = dropped(3)
    partial.suppress(Suppressed(2.0, 500, network=False))
    assert find(partial) == []

    partial.suppress(Suppressed(2.0, 226, network=True))
    (finding,) = find(partial)
    assert finding.kind is Kind.SYN_FLOOD
    assert (finding.requests.observed, finding.requests.suppressed) == (3, 226)


def test_other_network_messages_make_the_total_an_upper_bound() -> None:
    """And this is said."""
    partial = dropped(20)
    partial.suppress(Suppressed(2.0, 226, network=True))
    partial.mark(Mark(1.0, Sign.ORPHANS, count=9))
    (finding,) = find(partial)
    assert "between observed and total" in finding.requests.reason


def test_a_warning_names_the_port() -> None:
    """Which dropped requests do not."""
    partial = dropped(20)
    partial.mark(Mark(1.0, Sign.POSSIBLE_FLOOD, 80))
    assert find(partial)[0].victims[0].port == 80


def test_unreadable_sources_count() -> None:
    """As requests, not as sources."""
    partial = dropped(0)
    partial.mask(5.0)
    partial.suppress(Suppressed(6.0, 228, network=True))
    (finding,) = find(partial)
    assert (finding.requests.total, finding.sources.distinct) == (229, 0)
