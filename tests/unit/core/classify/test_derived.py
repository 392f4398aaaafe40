"""What is said where nothing counts SYNs: by queues and the counters of the stack."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.core.classify.classifier import Classifier, classify
from floodwall.core.classify.derived import Derived, derive
from floodwall.core.model import Ages, Reading
from floodwall.core.observation import Observation
from floodwall.core.signs import Signs, StackCounters
from floodwall.core.verdict import Kind, Verdict
from tests.support.bare import BareOnlooker, BareSite, bare
from tests.support.day import MONDAY_S, UNSEEN, WEB, Day, within


def test_calm_is_not_sure_where_nothing_counts() -> None:
    """And the machine says why."""
    looker = BareOnlooker()
    verdict = looker.seconds(100, clients=100)[-1]
    whole = looker.said[None]

    assert (verdict.kind, whole.kind) == (Kind.CALM, Kind.CALM)
    assert 0.5 < verdict.confidence < 0.6
    assert whole.confidence == 0.5
    assert [one.name for one in whole.evidence] == ["uncounted"]


@pytest.mark.parametrize(("capacity", "forged"), [(511, 5000), (128, 300), (4096, 300), (5, 70)])
@pytest.mark.parametrize("cookies", [True, False])
def test_a_flood_is_named_in_its_second_second(
    capacity: int, forged: int, *, cookies: bool
) -> None:
    """Whether it fills the queue at once or in half a minute, with and without SYN cookies."""
    looker = BareOnlooker(BareSite(capacity=capacity, cookies=cookies))
    looker.seconds(100, clients=20)
    first, second, third = looker.seconds(3, clients=20, forged=forged)

    assert Kind.SPOOFED_FLOOD in (first.kind, second.kind)
    assert Kind.SPOOFED_FLOOD is third.kind
    assert third.confidence <= 0.8
    assert "uncounted" in [one.name for one in third.evidence]


def test_a_flood_is_named_also_without_anything_learned() -> None:
    """It began right after us."""
    looker = BareOnlooker()
    looker.seconds(2, clients=20)

    assert Kind.SPOOFED_FLOOD in [one.kind for one in looker.seconds(3, clients=20, forged=5000)]


def test_a_flood_that_began_before_us_is_named() -> None:
    """Its queue is full, and the stack sends cookies that nobody returns."""
    site = BareSite(capacity=128)
    for second in range(-30, 0):
        site.second(second, 20, 3000)
    looker = BareOnlooker(site)

    assert Kind.SPOOFED_FLOOD is looker.seconds(3, clients=20, forged=3000)[-1].kind


def test_a_flood_that_is_there_when_we_come_is_named_at_once() -> None:
    """Its entries wait; its own SYNs are nothing usual that would explain them."""
    looker = BareOnlooker(BareSite(capacity=128))
    looker.second(clients=0, forged=129)

    assert Kind.SPOOFED_FLOOD is looker.second(clients=0, forged=1200).kind


def test_the_spoof_index_is_that_of_the_cookies_of_the_stack() -> None:
    """They are challenges like ours."""
    looker = BareOnlooker()
    looker.seconds(30, clients=100)
    index = looker.seconds(6, clients=100, forged=5000)[-1].spoof_index

    assert index is not None
    assert index.low < 5000 / 5100 < index.high + 0.01


def test_a_flood_ends() -> None:
    """The queue is full of its entries for a minute more; nothing new comes."""
    looker = BareOnlooker(BareSite(capacity=128))
    looker.seconds(60, clients=20)
    looker.seconds(20, clients=20, forged=3000)
    after = looker.seconds(90, clients=20)

    assert Kind.SPOOFED_FLOOD is after[0].kind
    assert Kind.CALM is after[-1].kind


def test_a_crowd_is_no_flood() -> None:
    """Ten times the clients, from far away: also where they fill the queue."""
    looker = BareOnlooker(BareSite(capacity=64))
    looker.seconds(100, clients=20)
    said = [looker.second(clients=100, on_the_way=100)]
    said += looker.seconds(20, clients=200)

    assert not any(one.kind.is_attack for one in said)
    assert Kind.FLASH_CROWD is said[-1].kind


def test_a_crowd_that_gets_cookies_is_no_flood() -> None:
    """It fills the queue, and returns every cookie within the second after."""
    looker = BareOnlooker(BareSite(capacity=64))
    looker.seconds(100, clients=20)
    for received in (150, 200, 200, 200, 200):
        stack = looker.sites[0].stack
        looker.sites[0].stack = replace(
            stack,
            cookies_sent=stack.cookies_sent + 200,
            cookies_received=stack.cookies_received + received,
            passive_opens=stack.passive_opens + received,
        )
        looker.second(clients=20)

    assert Kind.FLASH_CROWD is looker.said[0].kind


def test_clients_that_lose_a_packet_are_no_flood() -> None:
    """Three of a hundred, RELIABILITY number 9; five in a bad hour."""
    looker = BareOnlooker()
    looker.seconds(100, clients=200, again=6)

    assert not any(one.kind.is_attack for one in looker.seconds(60, clients=200, again=10))


@pytest.mark.parametrize("gone", ["half_open", "stack"])
def test_silence_is_not_calm(gone: str) -> None:
    """Without queues, or without the stack, what stood stands, with no confidence at all."""
    looker = BareOnlooker()
    looker.seconds(30, clients=100)
    looker.seconds(3, clients=100, forged=5000)
    more = {"half_open": None} if gone == "half_open" else {"signs": Signs(queues=())}
    verdict = looker.seconds(30, clients=100, more=more)[-1]

    assert (verdict.kind, verdict.confidence) == (Kind.SPOOFED_FLOOD, 0.0)
    assert "its queue or the stack's counters" in verdict.evidence[0].text
    assert Kind.SPOOFED_FLOOD in [one.kind for one in looker.seconds(4, clients=1, forged=5000)]


def test_of_two_services_the_flooded_one_is_named() -> None:
    """Cookies belong to the queue that is full."""
    looker = BareOnlooker(BareSite(0, 128), BareSite(1, 128, 443))
    looker.seconds(60, clients=20)
    looker.seconds(4, clients=20, forged=3000)

    assert {index: verdict.kind for index, verdict in looker.said.items()} == {
        0: Kind.SPOOFED_FLOOD,
        1: Kind.CALM,
        None: Kind.CALM,
    }


def test_cookies_of_no_known_queue_are_the_machine_s() -> None:
    """With net.ipv4.tcp_syncookies = 2 nothing ever waits, and of two services neither is known."""
    looker = BareOnlooker(BareSite(0), BareSite(1, 128, 443))
    looker.seconds(20, clients=20)
    for _ in range(4):
        stack = looker.sites[1].stack
        looker.sites[1].stack = replace(stack, cookies_sent=stack.cookies_sent + 500)
        looker.second(clients=20)
    whole = looker.said[None]

    assert Kind.SPOOFED_FLOOD is whole.kind
    assert whole.confidence <= 0.6
    assert Kind.CALM is looker.said[0].kind


def test_resets_are_called_nothing() -> None:
    """They may answer ACKs, a scan, or the clients of a server that is down; that is said."""
    looker = BareOnlooker()
    looker.seconds(100, clients=20)
    for _ in range(3):
        stack = looker.sites[0].stack
        looker.sites[0].stack = replace(stack, out_resets=stack.out_resets + 3000)
        looker.second(clients=20)
    whole = looker.said[None]

    assert (whole.kind, whole.confidence) == (Kind.CALM, 0.5)
    assert "ACK floods" in whole.evidence[-1].text


def test_a_full_accept_queue_is_no_flood() -> None:
    """Its drops are overflows, and they are not counted as SYNs without answer."""
    services = (BareSite().service,)
    first = Observation(0, half_open=(), signs=Signs(stack=StackCounters()))
    then = Observation(
        10**9,
        half_open=(),
        signs=Signs(stack=StackCounters(listen_drops=900, listen_overflows=900)),
    )
    derived = derive(derive(Derived(), first, services, {}), then, services, {})

    assert derived.readings[0].syns == 0


def test_what_is_on_the_way_is_made_up_for() -> None:
    """Ten SYNs without an answer yet, which all have answered in the second after."""
    site = BareSite()
    services, place = (site.service,), site.place

    def seen(second: int, opened: int, **ages: int) -> Observation:
        stack = StackCounters(passive_opens=opened)
        return Observation(
            second * 10**9,
            half_open=(),
            ages={place: Ages(**ages)} if ages else {},
            signs=Signs(stack=stack),
        )

    derived = Derived()
    for one in (seen(0, 0), seen(1, 0, first=10), seen(2, 10)):
        derived = derive(derived, one, services, {})
    reading = derived.readings[0]

    assert (reading.passed, reading.completed) == (10, 10)
    assert derived.owed == {0: 0}


SECONDS = st.lists(
    st.tuples(st.integers(0, 400), st.floats(0, 0.5), st.floats(0, 0.02)), min_size=1, max_size=40
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(SECONDS, st.sampled_from([16, 128, 4096]))
def test_no_clients_that_answer_are_called_an_attack(
    seconds: list[tuple[int, float, float]], capacity: int
) -> None:
    """In whatever rhythm they come, if they answer within half a second."""
    looker = BareOnlooker(BareSite(capacity=capacity))
    looker.seconds(70, clients=50, again=1)
    late = 0
    for come, far, lost in seconds:
        on_the_way = round(come * far)
        verdict = looker.second(
            clients=come - on_the_way + late, on_the_way=on_the_way - late, again=int(come * lost)
        )
        late = on_the_way

        assert not verdict.kind.is_attack


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100), st.sampled_from([16, 128, 511, 4096]), st.integers(10, 100))
def test_a_flood_ten_times_the_clients_is_found(clients: int, capacity: int, times: int) -> None:
    """Within three seconds, and at least as many as threaten the queue."""
    looker = BareOnlooker(BareSite(capacity=capacity))
    looker.seconds(70, clients=clients)
    forged = max(times * clients, 130)

    assert Kind.SPOOFED_FLOOD in [
        one.kind for one in looker.seconds(3, clients=clients, forged=forged)
    ]


class BareDay(Day):
    """The same day without a data plane."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.bare = (BareSite(WEB, 511, 80), BareSite(1, 512, 8080), BareSite(2, 100, 25))
        self.sites = self.bare  # type: ignore[assignment]  # the same words for a second

    def _observe(self, second: int, _readings: tuple[Reading, ...]) -> Observation:
        seen = bare(float(second), self.bare, wall_s=MONDAY_S + second)
        stack = seen.signs.stack or StackCounters()
        resets = stack.out_resets + self._resets + self._closed
        signs = replace(seen.signs, stack=replace(stack, out_resets=resets))
        half_open = None if within(UNSEEN, second) else seen.half_open
        return replace(seen, signs=signs, half_open=half_open)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_day_without_attack_has_no_verdict_of_one() -> None:
    """Crowds are seen, scans are not, and the seconds without sight are unsure."""
    day, classifier = BareDay(start=26_000), Classifier()
    services = tuple(site.service for site in day.bare)
    limits = {site.index: site.limits for site in day.bare}
    attacks: list[tuple[int, Verdict]] = []
    crowd = unsure = 0
    for second, seen in day.seconds(4 * 3600):
        classifier, verdicts = classify(classifier, seen, services, limits)
        for verdict in verdicts:
            crowd += verdict.kind is Kind.FLASH_CROWD
            unsure += verdict.confidence == 0
            if verdict.kind.is_attack:
                attacks.append((second, verdict))

    assert attacks == []
    assert crowd > 600
    assert unsure >= 3 * (UNSEEN[1] - UNSEEN[0])
