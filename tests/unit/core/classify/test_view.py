"""What the rules see."""

import pytest

from floodwall.core.classify.flow import Flow
from floodwall.core.classify.view import Usual, View, spoof_index
from tests.support.traffic import Site


def view(*flows: Flow) -> View:
    """See these flows of a site."""
    site = Site()
    usual = Usual(None, 0.0, 0.1, None)
    return View(site.service, 255, 63, 63.0, flows[-1], flows, usual)


def test_the_threat_is_what_would_fill_the_queue() -> None:
    """Half of 511 in the 63 s that a half-open connection waits."""
    assert pytest.approx(255 / 63) == view(Flow(1.0)).threat


def test_answers_are_by_time() -> None:
    """And the flow before is not there at first."""
    seen = view(Flow(2.0, completed=50))

    assert (seen.answered, seen.before) == (25.0, None)
    assert view(Flow(1.0, 1), Flow(1.0)).before == Flow(1.0, 1)


def test_nobody_challenged_is_no_index() -> None:
    """Calm services have none."""
    assert (spoof_index(()), spoof_index((Flow(1.0, 100, 100),))) == (None, None)


def test_the_index_is_over_all_flows() -> None:
    """Answers to early challenges come late."""
    found = spoof_index((Flow(1.0, challenged=400, proven=0), Flow(1.0, challenged=0, proven=100)))

    assert found is not None
    assert (found.value, found.low > 0.7) == (0.75, True)
