"""From what stands to what is said."""

from floodwall.core.signs import Canary, Signs, StackCounters
from floodwall.core.verdict import Kind
from tests.support.playbook import endpoint
from tests.support.traffic import Onlooker


def signs(*, connected: bool) -> Signs:
    """Sense everything, and a canary."""
    canary = Canary(endpoint("0.0.0.0", 80), connected, 0.3, "timed out", 0)
    return Signs(queues=(), stack=StackCounters(), connections=(), canaries=(canary,))


def test_calm_is_surer_the_longer_it_is_known() -> None:
    """And never quite sure."""
    looker = Onlooker()
    early = looker.seconds(5, clients=100)[-1]
    late = looker.seconds(60, clients=100)[-1]

    assert early.confidence < late.confidence == 0.95
    assert late.evidence == ()


def test_calm_with_a_canary_that_cannot_connect_is_doubtful() -> None:
    """Counters do not show everything that keeps a new client out."""
    looker = Onlooker()
    looker.seconds(60, clients=100)
    verdict = looker.second(clients=100, more={"signs": signs(connected=False)})

    assert (verdict.kind, verdict.confidence) == (Kind.CALM, 0.5)
    assert "our own handshake failed: timed out" in verdict.evidence[0].text


def test_a_canary_tells_how_a_flood_is_withstood() -> None:
    """New clients get in, and how fast."""
    looker = Onlooker()
    looker.seconds(30, clients=100)
    more = {"signs": signs(connected=True)}
    verdict = looker.seconds(3, clients=100, forged=5000, more=more)[-1]

    assert "our own handshake took 0.3 ms" in [one.text for one in verdict.evidence]


def test_each_blind_sensor_costs_confidence() -> None:
    """And is named."""
    looker = Onlooker()
    looker.seconds(60, clients=100)
    verdict = looker.second(clients=100, more={"signs": Signs()})

    assert 0.95 * 0.9**3 - 0.001 < verdict.confidence < 0.95 * 0.9**3 + 0.001
    assert verdict.evidence[0].text == "could not see: accept queues, stack counters, connections"


def test_rates_are_those_of_the_second() -> None:
    """For whoever draws them."""
    looker = Onlooker()
    looker.seconds(10, clients=100)
    rates = looker.seconds(3, clients=100, forged=5000, bad_acks=7)[-1].rates

    assert (
        rates["syns_per_s"],
        rates["bad_acks_per_s"],
        rates["completed_per_s"],
    ) == (5100, 7, 100)
