"""The daemon's record."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from floodwall.act.perform import Outcome, Result
from floodwall.app.recording import AT_ONCE, END_WAIT_S, Recording, a_hand
from floodwall.core.address import Network
from floodwall.core.commands import Ban, Command
from floodwall.core.decision import Act
from floodwall.core.errors import ConfigError
from floodwall.core.services import ServiceTable
from floodwall.core.settings import Settings
from floodwall.core.settings_record import RecordPolicy
from floodwall.core.state import State
from floodwall.core.verdict import Kind
from floodwall.store.place import find_record
from floodwall.store.recorder import GIVE_UP_NS
from floodwall.store.words import Word, Words
from tests.support.records import (
    BEGAN_NS,
    HOUR_NS,
    ban,
    network,
    note,
    rows,
    seen,
    service,
    verdict,
)

LATER_NS = BEGAN_NS + HOUR_NS
STATE = replace(State(Settings()), table=ServiceTable(services=(service(),)))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a runtime directory."""
    made = tmp_path / "run"
    made.mkdir()
    return made


def done(commands: Iterable[Command]) -> Outcome:
    """Carry out everything."""
    return Outcome(results=[Result(each) for each in commands])


def begun(run: Path, at_ns: int = BEGAN_NS) -> Recording:
    """Begin a record beside the runtime directory."""
    return Recording(run, RecordPolicy(directory=str(run.parent / "record")), at_ns)


def settled(
    record: Recording,
    state: State = STATE,
    perform: Callable[[Iterable[Command]], Outcome] = done,
    holding: Mapping[Network, int] | None = None,
) -> tuple[State, list[str]]:
    """Let a record go on until all of it is known."""
    told: list[str] = []
    deadline = time.monotonic() + 10
    while not record.settled and time.monotonic() < deadline:
        state, more = record.proceed(state, holding or {}, perform, BEGAN_NS)
        told += more
    assert record.settled
    return state, told


def attacked(run: Path, count: int = 2) -> None:
    """Leave what a daemon leaves that is killed during an attack."""
    record = begun(run)
    assert settled(record) == (STATE, [])
    commands: list[Command] = [
        note(Act.OPEN_INCIDENT, service=0),
        *(ban(network(2 * number), LATER_NS, service=0) for number in range(count)),
    ]
    state = replace(STATE, verdicts={0: verdict(Kind.MIXED_FLOOD)})
    record.write(state, seen(1), commands)
    record.done(BEGAN_NS, done(commands))
    record.write(state, seen(100), [])
    record.abandon()


def test_a_daemon_goes_on_from_the_record(run: Path) -> None:
    """Bans that do not hold are put back; the core knows bans, offences and incidents again."""
    attacked(run)
    record = begun(run)
    asked: list[Command] = []

    def perform(commands: Iterable[Command]) -> Outcome:
        asked.extend(commands)
        return done(asked)

    state, told = settled(record, perform=perform, holding={network(0): LATER_NS})
    record.abandon()

    assert [(each.network, each.until_ns) for each in asked if isinstance(each, Ban)] == [
        (network(2), LATER_NS)
    ]
    assert told == ["put 1 bans of the record into force again"]
    assert set(state.response.bans) == {network(0), network(2)}
    assert {each: state.response.offences[each].count for each in state.response.offences} == {
        network(0): 1,
        network(2): 1,
    }
    assert state.response.incidents[0].kind is Kind.MIXED_FLOOD
    assert state.response.incidents[0].name == "*:80"


def test_very_many_bans_hold_up_no_start(run: Path) -> None:
    """They are put back a part each second, and nobody takes the rest for lifted meanwhile."""
    attacked(run, 2 * AT_ONCE + 1)
    record = begun(run)
    state, told = record.proceed(STATE, {}, done, BEGAN_NS)
    assert told == []
    assert len(state.response.bans) == 2 * AT_ONCE + 1
    some = {network(2 * number): LATER_NS for number in range(AT_ONCE)}
    record.agree(some, Words(run), BEGAN_NS)
    assert not record.settled
    _, told = settled(record, state)
    record.end(STATE)

    assert told == [f"put {2 * AT_ONCE + 1} bans of the record into force again"]
    count = rows(run.parent / "record", "SELECT count(*) FROM bans WHERE ended = ''")
    assert count == [(2 * AT_ONCE + 1,)]


def test_a_ban_that_must_not_be_any_more_is_not_put_back(run: Path) -> None:
    """It has become the gateway meanwhile: the record is told."""
    attacked(run)
    record = begun(run)

    def perform(commands: Iterable[Command]) -> Outcome:
        first, *others = commands
        refused = Result(first, error="not banned: gateway", refused=True)
        return Outcome(results=[refused, *done(others).results])

    settled(record, perform=perform)
    record.end(STATE)

    assert rows(run.parent / "record", "SELECT ended FROM bans ORDER BY id") == [
        ("failed: not banned: gateway",),
        ("",),
    ]


def test_a_record_that_cannot_be_read_is_told_after_a_while(run: Path) -> None:
    """Until then it is tried again: somebody may only have looked at it for a moment."""
    (run.parent / "record").touch()
    record = begun(run)
    assert record.proceed(STATE, {}, done, BEGAN_NS) == (STATE, [])
    later_ns = BEGAN_NS + GIVE_UP_NS
    told: list[str] = []
    while not record.settled:
        _, more = record.proceed(STATE, {}, done, later_ns)
        told += more
    record.abandon()

    assert any(each.startswith("nothing was read from the record: ") for each in told)


def test_incidents_of_services_that_are_gone_are_left_alone(run: Path) -> None:
    """An index may be another service now."""
    attacked(run)
    record = begun(run)
    other = replace(STATE, table=ServiceTable(services=(service(0, 443),)))
    state, _ = settled(record, other)
    record.abandon()

    assert state.response.incidents == {}


def test_bans_that_others_made_get_their_reason(run: Path) -> None:
    """From the operator's words, if there is one."""
    words = Words(run)
    words.say_ban(network(0), Word("2026-11-20T18:00:00+00:00", "noisy", 0))
    record = begun(run)
    settled(record)
    record.agree({network(0): 0, network(2): LATER_NS}, words, BEGAN_NS)
    record.write(STATE, seen(1), [])
    record.abandon()

    assert rows(run.parent / "record", "SELECT rule, text, until_ns FROM bans ORDER BY id") == [
        ("operator", "noisy", 0),
        ("found", "held before this run", LATER_NS),
    ]


@pytest.mark.parametrize(("act", "left"), [(Act.SWITCH_OFF, 0), (Act.ARM, 1)])
def test_bans_outlive_a_stop_but_not_off(run: Path, act: Act, left: int) -> None:
    """Whoever switches off wants nothing back."""
    record = begun(run)
    settled(record)
    record.write(STATE, seen(1), [ban(network(0), LATER_NS)])
    record.order(STATE, BEGAN_NS, note(act))
    record.end(STATE)

    count = rows(run.parent / "record", "SELECT count(*) FROM bans WHERE ended = ''")
    assert count == [(left,)]
    assert END_WAIT_S < 1


def test_the_directory_stays_while_it_runs(run: Path) -> None:
    """Everything else may change at a reload."""
    record = begun(run)
    policy = RecordPolicy(directory=str(run.parent / "record"), max_bytes=8 << 20)
    record.check(policy)
    record.configure(policy)
    with pytest.raises(ConfigError, match=r"record\.directory cannot change"):
        record.check(RecordPolicy(directory="/srv/other"))
    record.abandon()


def test_others_find_the_record(run: Path) -> None:
    """By its pointer in the runtime directory."""
    record = begun(run)
    settled(record)
    record.abandon()

    assert find_record(run) == run.parent / "record" / "record.db"


def test_a_tick_that_takes_long_is_no_clock_that_was_set(run: Path) -> None:
    """The time of a second is that of its beginning, however late it is written."""
    record = begun(run)
    settled(record)
    for second in (1, 500, 501):
        record.write(STATE, seen(second), [note(Act.ARM)])
    record.abandon()

    assert rows(run.parent / "record", "SELECT count(*) FROM events WHERE kind = 'clock'") == [(0,)]


def test_each_hand_is_a_run_of_its_own() -> None:
    """What is written by hand is told apart."""
    assert a_hand().token != a_hand().token
    assert isinstance(ban(ip_network("::1/128"), 0), Ban)


def test_what_was_learned_is_known_again(run: Path) -> None:
    """And nonsense is learned again."""
    record = begun(run)
    record.end(STATE)
    assert [name for (name,) in rows(run.parent / "record", "SELECT name FROM memory")] == [
        "classifier"
    ]
    record = begun(run)
    assert settled(record)[0].classifier == STATE.classifier
    record.abandon()
