"""Floods whose sources never answer, and what only looks like one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.core.settings import ServiceMode
from floodwall.core.signs import Queue, Signs, StackCounters
from floodwall.core.verdict import Kind, Verdict
from tests.support.traffic import Onlooker, Site

FLOODS = (Kind.SPOOFED_FLOOD, Kind.MIXED_FLOOD)


def warm(site: Site | None = None, clients: int = 100, seconds: int = 70) -> Onlooker:
    """Look at a quiet site for a while."""
    looker = Onlooker(site or Site())
    looker.seconds(seconds, clients=clients)
    return looker


def names(verdict: Verdict) -> list[str]:
    """Return the names of the evidence."""
    return [evidence.name for evidence in verdict.evidence]


@pytest.mark.parametrize("quiet_s", [2, 5, 70])
@pytest.mark.parametrize("rate", [256, 5_000, 50_000, 1_000_000])
@pytest.mark.parametrize("phase", [0.0, 0.25, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("capacity", [128, 511, 4096])
def test_a_flood_has_its_name_within_two_seconds(
    capacity: int, phase: float, rate: int, quiet_s: int
) -> None:
    """Wherever between two observations its first packet comes, also right after our start."""
    looker = warm(Site(capacity=capacity), seconds=quiet_s)
    first = looker.second(clients=100, forged=round(rate * (1 - phase)))
    second = looker.second(clients=100, forged=rate)

    # The second observation is 2 s after the first packet at the latest, 1 s at the earliest.
    assert Kind.SPOOFED_FLOOD in (first.kind, second.kind)


def test_the_spoof_index_is_the_share_of_those_who_never_answer() -> None:
    """With its interval, which narrows."""
    looker = warm()
    early = looker.seconds(3, clients=100, forged=300)[-1]
    late = looker.seconds(20, clients=100, forged=300)[-1]

    assert early.spoof_index is not None
    assert late.spoof_index is not None
    assert pytest.approx(0.75, abs=0.01) == late.spoof_index.value
    assert 0.7 < late.spoof_index.low < 0.75 < late.spoof_index.high < 0.77
    assert early.spoof_index.high - early.spoof_index.low > 0.05
    assert {"spoof_index", "unanswered_syns_per_s", "would_be_half_open"} <= set(names(late))
    assert late.confidence > 0.9


def test_pulses_with_pauses_are_one_attack() -> None:
    """A second of 200,000 SYNs in every ten; the confidence wanes in between."""
    looker = warm()
    said = [
        looker.second(clients=100, forged=200_000 if second % 10 == 0 else 0)
        for second in range(40)
    ]

    assert {Kind.SPOOFED_FLOOD} == {verdict.kind for verdict in said[1:]}
    assert said[1].confidence > said[5].confidence > said[9].confidence > 0.5
    assert "held_s" in names(said[5])


def test_the_end_of_a_flood_is_said_ten_seconds_later() -> None:
    """Then it is calm, and what was learned before holds."""
    looker = warm()
    usual = looker.classifier.services[0].learned.answered.level
    looker.seconds(60, clients=100, forged=50_000)
    kinds = [verdict.kind for verdict in looker.seconds(15, clients=100)]

    assert kinds[1:] == [Kind.SPOOFED_FLOOD] * 10 + [Kind.CALM] * 4
    assert pytest.approx(usual) == looker.classifier.services[0].learned.answered.level


def test_a_slow_ramp_is_found() -> None:
    """From nothing to 400 a second in 45 s: found before it has filled half of the queue."""
    looker = warm()
    for second in range(45):
        verdict = looker.second(clients=100, forged=round(400 * second / 45))
        if verdict.kind is Kind.SPOOFED_FLOOD:
            break

    assert verdict.kind is Kind.SPOOFED_FLOOD
    assert second <= 8


@pytest.mark.parametrize(
    ("mode", "most"),
    # The kernel arms at four a second; armed, a quarter may be SYNs sent again on a bad network.
    [(ServiceMode.PROTECT, 45), (ServiceMode.OBSERVE, 20)],
)
def test_a_ramp_of_an_hour_is_found(mode: ServiceMode, most: int) -> None:
    """No second differs from the last, and what is usual does not follow it."""
    looker = warm(Site(mode=mode), seconds=300)
    for second in range(3600):
        rate = 60 * second / 3600
        verdict = looker.second(clients=100, forged=int(rate * (second + 1)) - int(rate * second))
        if verdict.kind is Kind.SPOOFED_FLOOD:
            break

    assert verdict.kind is Kind.SPOOFED_FLOOD
    assert rate < most


def test_a_trickle_is_held_off_without_a_name() -> None:
    """The lab's: 300 SYNs in 180 s against a backlog of 128, challenged from the 17th on.

    The kernel arms, and among challenges a seventh may be SYNs that clients sent again.
    """
    site = Site(capacity=128)
    looker = warm(site, clients=10)
    looker.seconds(10, clients=10, forged=2)
    kinds = [looker.second(clients=10, debtors=2 if second % 3 else 1).kind for second in range(60)]

    assert site.armed_until > looker.now_s
    assert {Kind.CALM} == set(kinds)


def test_debtors_too_few_to_matter_are_let_be() -> None:
    """One unanswered challenge in two seconds would never fill half of 511."""
    looker = warm()

    assert {Kind.CALM} == {looker.second(clients=100, debtors=n % 2).kind for n in range(60)}


def test_an_observed_service_is_named_too() -> None:
    """Nothing is challenged there: there is no spoof index, but a queue that fills."""
    looker = warm(Site(mode=ServiceMode.OBSERVE))
    verdict = looker.seconds(3, clients=100, forged=256)[-1]

    assert (verdict.kind, verdict.spoof_index) == (Kind.SPOOFED_FLOOD, None)


def test_an_armed_service_is_named_too() -> None:
    """Everything is challenged there, always."""
    looker = warm(Site(mode=ServiceMode.ARMED))
    quiet = looker.seconds(10, clients=100)[-1]
    verdict = looker.seconds(3, clients=100, forged=1000)[-1]

    assert [quiet.kind, verdict.kind] == [Kind.CALM, Kind.SPOOFED_FLOOD]


def test_clients_who_are_all_gone_may_be_a_broken_way() -> None:
    """As many SYNs as our missing clients would send: no more than even odds, and it says why."""
    looker = warm(Site(mode=ServiceMode.OBSERVE))
    verdict = looker.seconds(5, clients=0, forged=350)[-1]

    assert verdict.kind is Kind.SPOOFED_FLOOD
    assert verdict.confidence <= 0.5
    assert "answered_per_s" in names(verdict)


def test_syns_that_come_twice_are_no_flood() -> None:
    """A network that loses a seventh of our SYN-ACKs: the queue shows that they were answered."""
    looker = warm()

    assert {Kind.CALM} == {one.kind for one in looker.seconds(60, clients=100, again=15)}


def test_a_herd_on_its_way_is_no_flood() -> None:
    """Thousands of clients in the last moment of a second: their answers come in the next."""
    looker = warm()
    first = looker.second(clients=100, on_the_way=5000)
    second = looker.second(clients=5100, on_the_way=-5000)
    after = looker.seconds(5, clients=100)

    assert not {first.kind, second.kind, *(one.kind for one in after)} & set(FLOODS)


def test_a_full_accept_queue_is_no_flood() -> None:
    """Handshakes cannot end there, whoever began them; what answers challenges is real."""
    site = Site(capacity=128)
    looker = warm(site, clients=20)
    full = Signs(
        queues=(Queue(site.service.bound, 0, 0, 129, 128, "app", 7),),
        stack=StackCounters(),
        connections=(),
    )
    said = looker.seconds(30, clients=0, stuck=20, more={"signs": full})

    assert {Kind.SLOW_APPLICATION} == {verdict.kind for verdict in said[1:]}


Comers = st.lists(
    st.tuples(st.integers(0, 3000), st.floats(0, 0.5), st.integers(0, 3)), min_size=1, max_size=40
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(Comers, st.sampled_from([5, 128, 511, 4096]), st.integers(1, 30))
def test_clients_who_answer_in_half_a_second_are_never_a_flood(
    comers: list[tuple[int, float, int]], capacity: int, quiet_s: int
) -> None:
    """However many come, in whatever rhythm, if at most half of a second's are on their way."""
    looker = warm(Site(capacity=capacity), clients=comers[0][0], seconds=quiet_s)
    late = 0
    for count, far, vanish in comers:
        on_the_way = round(count * far)
        verdict = looker.second(
            clients=count - on_the_way + late,
            on_the_way=on_the_way - late,
            # Of those who come now and then one is never seen again.
            forged=vanish if capacity > 128 and vanish == 3 else 0,
        )
        late = on_the_way

        assert not verdict.kind.is_attack


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 500), min_size=5, max_size=30),
    st.integers(2_000, 10**7),
    st.sampled_from([128, 511, 4096]),
)
def test_a_flood_ten_times_the_clients_is_always_found(
    clients: list[int], forged: int, capacity: int
) -> None:
    """Whatever the clients do meanwhile."""
    looker = Onlooker(Site(capacity=capacity))
    for count in clients:
        looker.second(clients=count)
    verdict = looker.seconds(3, clients=clients[-1], forged=forged)[-1]

    assert verdict.kind is Kind.SPOOFED_FLOOD
