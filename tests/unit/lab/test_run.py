"""One scenario on its systems under test."""

from floodwall.lab.flood import Flood, Sources
from floodwall.lab.result import Row
from floodwall.lab.run import Request
from floodwall.lab.scenario import Scenario

TWO_FLOODS = Scenario("x", "", floods=(Flood(Sources.RANDOM, 5.0), Flood(Sources.SINGLE, None)))
REQUEST = Request(TWO_FLOODS, (Row.OFF, Row.ON))


def rates(request: Request) -> list[float | None]:
    """Return the rates of its floods."""
    return [flood.rate_pps for flood in request.scenario.floods]


def test_a_rate_goes_for_every_flood() -> None:
    """0 is as fast as it goes; none at all leaves each its own."""
    assert rates(REQUEST.at_rate(7.0)) == [7.0, 7.0]
    assert rates(REQUEST.at_rate(0.0)) == [None, None]
    assert REQUEST.at_rate(None) == REQUEST


def test_it_is_known_how_often_something_will_be_told() -> None:
    """For the display of progress."""
    assert REQUEST.expected_steps == 6
