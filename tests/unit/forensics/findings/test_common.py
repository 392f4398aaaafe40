"""What findings share."""

import numpy as np

from floodwall.forensics.findings.common import (
    handshakes_of,
    rate_of,
    sources_of,
    span_of,
    spoofing_of,
    victims_of,
)
from floodwall.forensics.flows import FlowTable
from floodwall.forensics.view import View, view_of
from tests.support.evidence import flood_rows, handshake_rows, segments


def view(*, sampled: bool = False) -> View:
    """Return forged requests to a port and finished handshakes with another."""
    made = segments(*flood_rows(300, port=443), *handshake_rows(100))
    made["sequence"] = np.where(made["flags"] & 2, 1_000, 1_001)
    table = FlowTable(limit=100) if sampled else FlowTable()
    table.add(made)
    return view_of(table)


def test_handshakes_are_counted() -> None:
    """Started, answered, completed."""
    shakes = handshakes_of(view())
    assert (shakes.started, shakes.answered, shakes.completed) == (400, 100, 100)
    assert shakes.exact


def test_a_sample_is_scaled_and_says_so() -> None:
    """With an interval around the number of sources."""
    sampled = view(sampled=True)
    sources = sources_of(sampled, sampled.syns)
    shakes = handshakes_of(sampled)
    assert not sources.exact
    assert sources.low < sources.distinct < sources.high
    assert not shakes.exact
    assert 250 < shakes.started < 600


def test_victims_are_those_of_most_requests() -> None:
    """The busiest first."""
    whole = view()
    assert [one.port for one in victims_of(whole, whole.syns)] == [443, 80]


def test_spans_rates_and_forging() -> None:
    """Of the same flows."""
    whole = view()
    start, end = span_of(whole)
    assert (start, end) == (0.0, 9.904)
    assert rate_of(whole.first).mean == 40.0
    spoofing = spoofing_of(whole)
    assert spoofing.index is not None
    assert spoofing.index.value == 0.0
