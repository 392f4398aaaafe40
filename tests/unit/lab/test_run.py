"""One scenario on its systems under test."""

from dataclasses import replace

import pytest

from floodwall.core.errors import ConfigError
from floodwall.lab.flood import Flood, Sources
from floodwall.lab.result import Row
from floodwall.lab.run import Request
from floodwall.lab.scenario import Bar, Scenario

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


def test_behind_a_gateway_other_things_are_asked() -> None:
    """The daemon is told that it is one; what stands on the servers is judged."""
    asked = REQUEST.behind_a_gateway().scenario
    assert "enabled = true" in asked.settings
    assert asked.bar.half_open_behind == 16
    assert asked.bar.cpu_share_of_synproxy is None

    dear = replace(TWO_FLOODS, bar=Bar(cpu_share_of_cookies=0.25))
    bar = replace(REQUEST, scenario=dear).behind_a_gateway().scenario.bar
    assert (bar.cpu_share_of_cookies, bar.cpu_share_of_synproxy) == (None, 0.25)


def test_what_is_about_the_servers_processes_is_refused() -> None:
    """A gateway has none of them."""
    with pytest.raises(ConfigError, match="own processes"):
        replace(REQUEST, scenario=replace(TWO_FLOODS, slow_app=True)).behind_a_gateway()
