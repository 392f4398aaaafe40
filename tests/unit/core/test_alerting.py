"""What is told, when, and what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.core.alert_troubles import SeenIncident, SeenService, Sighting, Urgency
from floodwall.core.alerting import (
    HELD_MAX,
    AlertState,
    Event,
    acknowledge,
    decide_alerts,
    trial_message,
)
from floodwall.core.settings_alerts import AlertPolicy
from tests.support.alerts import START_S, WEB, AlertBook, flood, look, silent

KEY = f"incident:{WEB}"
STARTED = ("started", KEY, "warning")
QUIET: dict[str, Any] = {"quiet_from": "22:00", "quiet_to": "07:00"}
NIGHT = 23 * 60


def test_an_attack_is_told_at_once_and_once() -> None:
    """A second look at the same attack says nothing."""
    book = AlertBook() >> look() << []
    book >> flood(1) << [STARTED]
    for at_s in range(2, 500, 7):
        book >> flood(at_s) << []


def test_users_who_do_not_get_in_make_it_critical_at_once() -> None:
    """A change for the worse does not wait; that it got better does."""
    book = AlertBook() >> flood(0) << [STARTED]
    book >> flood(1, users=False) << [("changed", KEY, "critical")]
    book >> flood(2) >> flood(16) << []
    book >> flood(17) << [("changed", KEY, "critical")]


def test_another_verdict_or_rung_is_told_when_it_has_stayed() -> None:
    """What flaps is not worth a message."""
    book = AlertBook() >> flood(0) << [STARTED]
    for at_s in range(1, 60):
        book >> flood(at_s, rung="ban" if at_s % 2 else "challenge") << []
    book >> flood(60, kind="mixed_flood") << []
    book >> flood(75, kind="mixed_flood") << [("changed", KEY, "warning")]


def test_the_end_goes_the_way_of_the_beginning() -> None:
    """It has the gravest urgency that was told, so that it reaches whom that had reached."""
    book = AlertBook() >> flood(0, users=False) << [("started", KEY, "critical")]
    book >> look(5) >> look(19) << []
    book >> look(20) << [("ended", KEY, "critical")]
    assert book.state.open == {}
    book >> look(40) << []


def test_a_short_pause_is_no_end() -> None:
    """The same trouble that comes back within the settling time was never told as over."""
    book = AlertBook() >> flood(0) >> look(5) << []
    book >> flood(10) << []
    book >> look(11) >> look(25) << []
    book >> look(26) << [("ended", KEY, "warning")]


def test_a_failing_sensor_is_told_when_it_stays() -> None:
    """And one that fails for a moment is not."""
    book = AlertBook() >> look(0, blind=("queues",)) << []
    book >> look(14) << []
    assert book.state.open == {}
    book >> look(20, blind=("queues",)) >> look(34, blind=("queues",)) << []
    book >> look(35, blind=("queues",)) << [("started", "health:queues", "warning")]


def test_what_lasts_unacknowledged_is_escalated_and_repeated() -> None:
    """First after escalate_s, then every repeat_s; the end goes to those who were fetched too."""
    book = AlertBook(escalate_s=600, repeat_s=3600) >> flood(0) << [STARTED]
    lasts = ("lasts", KEY, "warning")
    book >> flood(599) << []
    book >> flood(600) << [lasts]
    assert book.messages[0].escalated
    book >> flood(4199) << []
    book >> flood(4200) << [lasts]
    book >> look(4300) >> look(4315) << [("ended", KEY, "warning")]
    assert book.messages[0].escalated


def test_what_is_no_emergency_is_not_escalated() -> None:
    """A crowd that gets in, or a sensor that fails for a day, is told once."""
    crowd = SeenIncident(WEB, "flash_crowd")
    for seen in (look(0, incidents=(crowd,)), look(0, blind=("queues",))):
        book = AlertBook() >> seen
        book >> replace(seen, now_s=seen.now_s + 20)
        for at_s in (1000, 5000, 90_000):
            book >> replace(seen, now_s=seen.now_s + at_s) << []


def test_a_daemon_that_stays_silent_is_escalated() -> None:
    """What is critical always is."""
    book = AlertBook() >> silent(0, 60.0) << [("started", "daemon", "critical")]
    book >> silent(600, 660.0) << [("lasts", "daemon", "critical")]


def test_a_human_who_looks_after_it_stops_the_escalation() -> None:
    """What is acknowledged still tells its changes and its end."""
    book = AlertBook() >> flood(0) << [STARTED]
    book.state = acknowledge(book.state, frozenset({KEY, "unknown"}))
    book >> flood(5000) << []
    book >> flood(5001, users=False) << [("changed", KEY, "critical")]
    book >> look(6000) >> look(6015) << [("ended", KEY, "critical")]
    assert not book.messages[0].escalated


def test_a_silent_daemon_is_told_and_ends_nothing() -> None:
    """An attack that was going on when it fell silent is still open when it is back."""
    book = AlertBook() >> flood(0) << [STARTED]
    book >> silent(5, 5.0) << []
    book >> silent(10, 10.0) << [("started", "daemon", "critical")]
    book >> silent(70, 70.0, lease_s=0.0) >> silent(85, 85.0, lease_s=0.0)
    book << [("started", "lease", "critical")]
    assert KEY in book.state.open
    book >> flood(100) >> flood(115)
    book << [("ended", "daemon", "critical"), ("ended", "lease", "critical")]


def test_quiet_hours_hold_back_and_sum_up() -> None:
    """What began and ended in the night is one line in the morning."""
    book = AlertBook(**QUIET) >> replace(flood(0), minute=NIGHT) << []
    book >> replace(look(100), minute=NIGHT) << []
    book >> look(30_000) << [("digest", "digest", "warning")]
    assert "forged addresses" in book.messages[0].lines[0]
    assert "It is over." in book.messages[0].lines[0]
    assert not book.messages[0].escalated


def test_what_still_goes_on_in_the_morning_is_told_then() -> None:
    """Not as a line of a digest: it needs somebody now."""
    book = AlertBook(**QUIET) >> replace(flood(0), minute=NIGHT) << []
    book >> flood(30_000) << [STARTED]
    book >> flood(30_001) << []


@pytest.mark.parametrize("passes", [True, False])
def test_critical_ones_pass_quiet_hours_by_setting(passes: bool) -> None:  # noqa: FBT001  a case
    """Users who do not get in may wake somebody, or not: the operator says."""
    book = AlertBook(quiet_critical=passes, **QUIET)
    book >> replace(flood(0, users=False), minute=NIGHT)
    book << ([("started", KEY, "critical")] if passes else [])


def test_the_limit_holds_back_and_sums_up() -> None:
    """A storm of small troubles is two messages an hour here, and then a digest."""
    book = AlertBook(per_hour=2, settle_s=1)
    names = tuple(f"sensor{number}" for number in range(HELD_MAX + 10))
    book >> look(0, blind=names) >> look(1, blind=names)
    assert [each.event for each in book.messages] == [Event.STARTED] * 2
    book >> look(2) >> look(3) << []
    assert book.state.held_count == HELD_MAX + 10
    assert len(book.state.held) == HELD_MAX
    book >> look(1850)
    (digest,) = book.messages
    assert digest.event is Event.DIGEST
    assert digest.lines[-1] == "... and 10 more."
    assert book.state.held == ()


def test_a_digest_that_holds_all_counts_no_rest() -> None:
    """Twenty are twenty."""
    book = AlertBook()
    book.state = AlertState(held=tuple("x" * HELD_MAX), held_count=HELD_MAX)
    book >> look(0)

    assert book.messages[0].lines == tuple("x" * HELD_MAX)


def test_critical_ones_have_an_allowance_of_their_own() -> None:
    """Small troubles cannot use up what is needed to say that users are locked out."""
    book = AlertBook(per_hour=1, settle_s=1)
    book >> look(0, blind=("a", "b")) >> look(1, blind=("a", "b"))
    assert len(book.messages) == 1
    book >> flood(2, users=False) << [("started", KEY, "critical")]


def test_a_clock_that_is_set_back_silences_nothing_for_ever() -> None:
    """Times of the state that lie in the future are taken as now."""
    book = AlertBook() >> look(10_000, blind=("queues",)) << []
    book >> look(0, blind=("queues",)) >> look(15, blind=("queues",))
    book << [("started", "health:queues", "warning")]
    book >> look(10_000) >> look(16) << []
    book >> look(31) << [("ended", "health:queues", "warning")]


def test_a_test_reaches_everybody() -> None:
    """Also those who are told only of what lasts."""
    message = trial_message(START_S)

    assert message.event is Event.TEST
    assert message.escalated


def sightings() -> st.SearchStrategy[list[Sighting]]:
    """Days of anything: floods, failing sensors, a daemon that falls silent, any hour."""
    incident = st.builds(
        SeenIncident,
        service=st.sampled_from([WEB, "*:22 sshd", "this machine"]),
        kind=st.sampled_from(["spoofed_flood", "flash_crowd", "calm", "of a later version"]),
        id=st.none() | st.integers(1, 99),
    )
    service = st.builds(
        SeenService,
        name=st.sampled_from([WEB, "*:22 sshd"]),
        kind=st.sampled_from(["calm", "spoofed_flood"]),
        rung=st.sampled_from(["observe", "challenge", "ban"]),
        users_get_in=st.sampled_from([None, True, False]),
    )
    one = st.builds(
        Sighting,
        now_s=st.floats(0, 2000),  # of time since the look before; made absolute below
        minute=st.integers(0, 1439),
        silent_s=st.none() | st.floats(0, 100),
        lease_s=st.none() | st.sampled_from([0.0, 60.0]),
        incidents=st.lists(incident, max_size=3, unique_by=lambda each: each.service).map(tuple),
        services=st.lists(service, max_size=2, unique_by=lambda each: each.name).map(tuple),
        blind=st.lists(st.sampled_from("abc"), max_size=3, unique=True).map(tuple),
        trouble=st.sampled_from(["", "the disk is full"]),
    )
    return st.lists(one, max_size=40).map(_in_order)


def _in_order(seen: list[Sighting]) -> list[Sighting]:
    at_s, ordered = START_S, []
    for each in seen:
        at_s += each.now_s
        ordered.append(replace(each, now_s=at_s))
    return ordered


@settings(deadline=None)
@given(sightings(), st.integers(1, 5))
def test_no_day_breaks_the_laws(day: list[Sighting], per_hour: int) -> None:
    """Beginnings and ends alternate, nothing ends unseen, quiet hours and limits hold."""
    policy = AlertPolicy(per_hour=per_hour, **QUIET)
    state, sent = AlertState(), list[float]()
    for seen in day:
        before = {key for key, told in state.open.items() if told.told_s is not None}
        summed = state.held_count
        state, messages = decide_alerts(state, seen, policy)
        begun = [each.key for each in messages if each.event is Event.STARTED]
        ended = [each.key for each in messages if each.event is Event.ENDED]
        between = [each.key for each in messages if each.event in {Event.CHANGED, Event.LASTS}]
        sent += [each.at_s for each in messages]
        assert before.isdisjoint(begun)
        assert before.issuperset(ended + between)
        assert seen.silent_s is None or set(ended) <= {"lease"}
        loud = all(each.urgency is Urgency.CRITICAL for each in messages)
        assert loud or not policy.quiet_at(seen.minute)
        # An end that must not be told now is kept for the digest.
        digest = any(each.event is Event.DIGEST for each in messages)
        gone = before - state.open.keys() - set(ended)
        assert digest or state.held_count >= summed + len(gone)
        # A bucket of so many for all, and as many for critical ones, fills up again in an hour.
        assert sum(at_s > seen.now_s - 3600 for at_s in sent) <= 3 * per_hour
        assert len(state.held) <= min(HELD_MAX, state.held_count)
