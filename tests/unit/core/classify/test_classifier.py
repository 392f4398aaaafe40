"""The classifier as a whole: what it remembers, and what cannot break it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.core.classify.classifier import REMEMBERED_MAX, Classifier, classify
from floodwall.core.classify.flow import FLOWS
from floodwall.core.classify.scan import WINDOW
from floodwall.core.model import HalfOpen, Reading
from floodwall.core.observation import Observation
from floodwall.core.signs import (
    Canary,
    Connections,
    KernelHint,
    LinkLoad,
    Queue,
    Signs,
    StackCounters,
)
from floodwall.core.verdict import Kind
from tests.support.playbook import endpoint
from tests.support.traffic import Onlooker, Site, seen

NUMBER = st.integers(0, 2**40)
SITES = (Site(0, 511, 80), Site(1, 5, 443))
HERE = endpoint("0.0.0.0", 80)


def test_every_service_has_a_verdict_from_the_first_second_on() -> None:
    """Unsure, as there is nothing to compare with."""
    looker = Onlooker(*SITES)
    said = looker.see(Reading(0))

    assert {0, 1, None} == set(said)
    assert {Kind.CALM} == {verdict.kind for verdict in said.values()}
    assert said[1].confidence == 0


def test_a_reload_out_of_turn_changes_nothing() -> None:
    """What grew meanwhile is part of the next second."""
    looker = Onlooker()
    looker.seconds(5, clients=100)
    before, said = looker.classifier, looker.said
    looker.now_s += 0.1
    looker.see(looker.sites[0].second(looker.now_s, 100))

    assert looker.classifier is before
    assert looker.said == said


def test_a_gap_is_no_jump() -> None:
    """The daemon was stopped for a minute, and traffic went on."""
    looker = Onlooker()
    looker.seconds(30, clients=100)
    looker.now_s += 60
    for _ in range(60):
        reading = looker.sites[0].second(looker.now_s, clients=100)
    verdict = looker.see(reading)[0]

    assert Kind.CALM is verdict.kind
    assert 90 < verdict.rates["syns_per_s"] < 110


def test_counters_that_fail_hold_the_verdict_but_not_its_confidence() -> None:
    """Silence is never read as calm."""
    looker = Onlooker()
    looker.seconds(30, clients=100)
    looker.seconds(5, clients=100, forged=5000)
    said = []
    for _ in range(60):
        looker.now_s += 1
        said.append(looker.see(readings=None)[0])
    back = looker.seconds(2, clients=100, forged=5000)[-1]

    assert {(Kind.SPOOFED_FLOOD, 0.0)} == {(one.kind, one.confidence) for one in said}
    assert "could not see: its counters" in [one.text for one in said[0].evidence]
    assert Kind.SPOOFED_FLOOD is back.kind


def test_cleared_counters_are_no_flood() -> None:
    """The maps were made again: everything begins at nothing."""
    looker = Onlooker()
    looker.seconds(30, clients=100)
    looker.sites[0].counts.clear()

    assert {Kind.CALM} == {verdict.kind for verdict in looker.seconds(5, clients=100)}


def test_a_service_that_comes_back_is_known_again() -> None:
    """Under another index, too: what is usual belongs to its listeners."""
    looker = Onlooker(Site(0, 511, 80))
    looker.seconds(100, clients=100)
    usual = looker.classifier.services[0].learned
    looker.sites = (Site(0, 511, 443),)
    looker.seconds(3, clients=1)
    gone = looker.classifier
    looker.sites = (Site(0, 511, 443), Site(7, 511, 80))
    looker.now_s += 1
    looker.see(Reading(0), Reading(7))

    assert {"0.0.0.0:80%0"} == set(gone.remembered)
    assert looker.classifier.services[7].learned.answered.level == usual.answered.level
    assert looker.classifier.remembered == {}


def test_what_is_usual_survives_a_restart() -> None:
    """Baselines do; counters and verdicts end with the daemon."""
    looker = Onlooker()
    looker.seconds(100, clients=100)
    looker.seconds(3, clients=100, forged=5000)
    back = Classifier.from_json(json.loads(json.dumps(looker.classifier.as_json())))
    again = Onlooker()
    again.classifier = back
    crowd = again.seconds(4, clients=1000)

    assert back.as_json() == looker.classifier.as_json()
    assert Kind.FLASH_CROWD is crowd[-1].kind


def test_what_is_recalled_late_keeps_what_was_said_meanwhile() -> None:
    """The record is read after our first second, in which a queue may have been full."""
    before = Onlooker(Site(), Site(1, 511, 443))
    before.seconds(100, clients=100)
    stored = Classifier.from_json(before.classifier.as_json())
    now = Onlooker()
    now.seconds(2, clients=100)
    now.seconds(2, clients=100, forged=5000)
    recalled = now.classifier.recall(stored)

    assert Kind.SPOOFED_FLOOD is recalled.services[0].standing.kind
    assert recalled.services[0].learned.answered.seconds > 20
    assert {"0.0.0.0:443%0"} == set(recalled.remembered)


def test_only_so_many_services_are_remembered() -> None:
    """The latest; as many as the data plane holds."""
    known = Classifier().as_json()
    empty = Classifier.from_json({"version": 1, "services": {"x": {}}}).as_json()["services"]["x"]
    known["services"] = {str(n): empty for n in range(2 * REMEMBERED_MAX)}
    back = Classifier.from_json(known)

    assert len(back.remembered) == REMEMBERED_MAX
    assert str(2 * REMEMBERED_MAX - 1) in back.remembered


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)


@pytest.mark.slow
@given(JSON | st.fixed_dictionaries({"version": st.just(1), "services": JSON}))
def test_what_the_store_returns_is_not_trusted(stored: object) -> None:
    """Whatever it is, the worst is to begin anew."""
    looker = Onlooker()
    looker.classifier = Classifier.from_json(stored)

    assert {Kind.CALM} == {verdict.kind for verdict in looker.seconds(5, clients=100)}


def readings(index: int) -> st.SearchStrategy[Reading]:
    """Draw counters without any sense."""
    return st.builds(Reading, st.just(index), *[NUMBER] * 6, st.integers(-9, 2**40), NUMBER, NUMBER)


SIGNS = st.builds(
    Signs,
    queues=st.none()
    | st.tuples(st.builds(Queue, st.just(HERE), st.just(0), *[st.integers(0, 2**20)] * 3)),
    stack=st.none() | st.builds(StackCounters, *[NUMBER] * 13),
    links=st.none()
    | st.tuples(
        st.builds(LinkLoad, st.just("eth0"), st.just(2), *[NUMBER] * 4, st.none() | NUMBER)
    ),
    hints=st.none() | st.just((KernelHint(0, "syn_flooding", 80),)),
    canaries=st.none() | st.tuples(st.builds(Canary, st.just(HERE), st.booleans())),
    connections=st.none()
    | st.tuples(st.builds(Connections, st.integers(0, 3), *[st.integers(0, 2**20)] * 4)),
)
HALF_OPEN = st.lists(
    st.builds(
        HalfOpen,
        st.just(HERE),
        st.just(endpoint("203.0.113.1", 5)),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=40,
).map(tuple)
OBSERVED: dict[str, Any] = {
    "signs": SIGNS,
    "half_open": st.none() | HALF_OPEN,
    "wall_s": st.none() | st.floats(-1e12, 1e12),
    "reasons": st.dictionaries(
        st.sampled_from(["pass_closed_port", "drop_closed_port", "pass_calm_ack"]), NUMBER
    ),
}
WHATEVER = st.lists(
    st.tuples(
        st.none() | st.tuples(readings(0), readings(1)),
        st.fixed_dictionaries(OBSERVED),
        st.floats(0, 100),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(WHATEVER)
def test_no_observation_breaks_it(seconds: list[tuple[Any, dict[str, Any], float]]) -> None:
    """Whatever the sensors say: verdicts for all, confidence in bounds, memory bounded."""
    classifier, now_s = Classifier(), 0.0
    services = tuple(site.service for site in SITES)
    limits = {site.index: site.limits for site in SITES}
    for counters, more, elapsed in seconds:
        now_s += elapsed
        observed: Observation = seen(now_s, **more, readings=counters)
        classifier, verdicts = classify(classifier, observed, services, limits)

        assert [verdict.service for verdict in verdicts] == [0, 1, None]
        assert all(0 <= verdict.confidence <= 0.99 for verdict in verdicts)
        assert all(len(memory.flows) <= FLOWS for memory in classifier.services.values())
        assert len(classifier.machine.probes) <= WINDOW
    json.dumps(classifier.as_json(), allow_nan=False)


def test_a_service_without_limits_waits_for_them() -> None:
    """They come with the next second."""
    services = tuple(site.service for site in SITES)
    _, said = classify(Classifier(), seen(1.0, Reading(0), Reading(1)), services, {})

    assert [verdict.confidence for verdict in said[:2]] == [0.0, 0.0]
    assert replace(said[0], service=1) == said[1]
