"""The declared scenarios."""

import pytest

from floodwall.core.settings import ServiceMode
from floodwall.core.settings_file import parse_settings
from floodwall.lab.flood import Ports, Sources
from floodwall.lab.flood_worker import LONGEST_S
from floodwall.lab.scenario import Scenario
from floodwall.lab.scenarios import BY_NAME, DEFAULT, SCENARIOS


def test_all_that_were_promised_are_there() -> None:
    """And every name is used once."""
    promised = {
        "quiet", "classic", "classic-ports", "trickle", "spoofed", "spoofed-v6", "subnet",
        "single", "ack", "crowd", "nat", "pulse", "mixed", "midflood",
        "slow-app", "connect-flood", "scan", "reflector", "ramp", "never-ban",
    }  # fmt: skip

    assert set(BY_NAME) == promised
    assert len(BY_NAME) == len(SCENARIOS)
    assert set(DEFAULT) <= promised


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_each_can_be_sent_and_is_judged(scenario: Scenario) -> None:
    """Its length is one that the generator accepts, its bar at least the usual one.

    Attackers with real addresses are served until they have been found out.
    """
    assert max(scenario.seconds, scenario.full_seconds or 0) < LONGEST_S
    assert scenario.bar.success >= (0.99 if scenario.crowd else 0.999)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_attack_is_to_be_called_one(scenario: Scenario) -> None:
    """And nothing else is."""
    attacked = bool(scenario.floods or scenario.crowd)

    assert scenario.bar.verdicts[0].is_attack is attacked


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_its_settings_are_settings(scenario: Scenario) -> None:
    """The daemon takes them as they are."""
    parse_settings(scenario.settings, scenario.name)


def test_only_real_addresses_are_treated_strictly() -> None:
    """Everywhere else the mode is the one that a newcomer has."""
    strict = {
        scenario.name
        for scenario in SCENARIOS
        if parse_settings(scenario.settings, scenario.name).services.mode is ServiceMode.STRICT
    }

    assert strict == {"connect-flood"}


def test_the_victim_of_the_reflector_arms_nothing() -> None:
    """What a port gets until half-open connections are gone fills no quarter of its queue."""
    reflector = BY_NAME["reflector"]
    (flood,) = reflector.floods
    assert flood.sweep is not None
    a_port = (flood.rate_pps or 0) * min(reflector.seconds, 63) / flood.sweep.count

    assert a_port < reflector.backlog / 4
    assert reflector.more_ports == tuple(range(flood.sweep.first, flood.sweep.last + 1))


def test_the_ramp_is_slow() -> None:
    """From one second to the next it grows by less than 10 SYN/s."""
    (flood,) = BY_NAME["ramp"].floods

    assert flood.ramp
    assert (flood.rate_pps or 0) / BY_NAME["ramp"].seconds < 10


def test_the_classic_attack_is_the_one_that_was_seen() -> None:
    """572 addresses, 1,750,000 SYNs in 1 h 53 min 47 s."""
    (flood,) = BY_NAME["classic"].floods

    assert (flood.sources, flood.ports, flood.count) == (Sources.FIXED, Ports.FIXED, 572)
    assert flood.rate_pps == round(1_750_000 / (3600 + 53 * 60 + 47))


def test_the_trickle_fills_a_small_queue() -> None:
    """At a rate that nobody would call a flood: 63 s of half-open life are enough."""
    trickle = BY_NAME["trickle"]
    (flood,) = trickle.floods

    assert flood.rate_pps == 300 / 180
    assert 63 * flood.rate_pps > trickle.backlog * 3 / 4
    assert trickle.full_seconds == 180
    assert trickle.seconds - (trickle.judged_s or 0) >= 63
