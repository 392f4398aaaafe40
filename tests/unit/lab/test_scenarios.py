"""The declared scenarios."""

import pytest

from floodwall.lab.flood import Ports, Sources
from floodwall.lab.flood_worker import LONGEST_S
from floodwall.lab.scenario import Scenario
from floodwall.lab.scenarios import BY_NAME, DEFAULT, SCENARIOS


def test_all_that_were_promised_are_there() -> None:
    """And every name is used once."""
    promised = {
        "quiet", "classic", "classic-ports", "trickle", "spoofed", "spoofed-v6", "subnet",
        "single", "ack", "crowd", "nat", "pulse", "mixed", "midflood",
    }  # fmt: skip

    assert set(BY_NAME) == promised
    assert len(BY_NAME) == len(SCENARIOS)
    assert set(DEFAULT) <= promised


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_each_can_be_sent_and_is_judged(scenario: Scenario) -> None:
    """Its length is one that the generator accepts, its bar at least the usual one."""
    assert max(scenario.seconds, scenario.full_seconds or 0) < LONGEST_S
    assert scenario.bar.success >= 0.999


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
