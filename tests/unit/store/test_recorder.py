"""The record, as the loop uses it: killed, torn, filled and confused."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from floodwall.core.decision import Act
from floodwall.core.model import SECOND_NS
from floodwall.core.settings_record import RecordPolicy
from floodwall.core.verdict import Kind
from floodwall.store.database import open_record
from floodwall.store.moment import Moment
from floodwall.store.recorder import HEARTBEAT_NS, bounds_of
from tests.support.diarist import BANS_A_SECOND, lifted
from tests.support.records import (
    BEGAN_NS,
    HOUR_NS,
    Diary,
    ban,
    life,
    lift,
    looking,
    moment,
    network,
    note,
    rows,
)
from tests.support.tree import ROOT

LATER_NS = BEGAN_NS + HOUR_NS
KILLS = 25
CUTS = 50


def promised(directory: Path, run: int, seconds: float) -> list[int]:
    """Keep a record in a child, kill it at that moment, and return what it was promised."""
    command = [sys.executable, "-m", "tests.support.diarist", str(directory), str(run)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout
            first = child.stdout.readline()
            time.sleep(seconds)
            child.kill()
            rest = child.stdout.read()
        finally:
            child.kill()
    lines = (first + rest).split("\n")
    # The last line may be cut; what is whole was said after `write` had returned.
    return [int(line) for line in lines[:-1]]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_it_survives_kill_nine_at_any_moment(tmp_path: Path) -> None:
    """Nothing that was promised is lost, no second is there by half, and it goes on each time."""
    chance = random.Random(20261120)
    wanted: set[str] = set()
    for run in range(KILLS):
        numbers = promised(tmp_path, run, chance.uniform(0, 0.12))
        assert numbers
        for number in numbers:
            first = 1 if lifted(number) else 0
            wanted |= {str(network(number + n)) for n in range(first, BANS_A_SECOND)}
        held = {name for (name,) in rows(tmp_path, "SELECT network FROM bans WHERE ended = ''")}

        assert wanted <= held
        assert rows(tmp_path, "PRAGMA integrity_check") == [("ok",)]
        # At most one second was written and not promised any more: it is whole as well.
        assert len(held - wanted) in {0, BANS_A_SECOND - 1, BANS_A_SECOND}
        wanted = held
        undecided = "SELECT count(*) FROM bans WHERE decision IS NULL"
        assert rows(tmp_path, undecided) == [(0,)]
    diary = Diary(tmp_path, life("last", at=moment(KILLS * 10_000)))
    restored = diary.found
    diary.flush()

    assert {str(each.network) for each in restored.bans} == wanted
    assert rows(tmp_path, "SELECT count(*) FROM incidents") == [(1,)]


@pytest.mark.timeout(240)
def test_a_log_that_is_torn_at_any_byte_is_read_up_to_there(tmp_path: Path) -> None:
    """As after a loss of power: a prefix of what was written, second by second, and no error."""
    diary = Diary(tmp_path / "whole")
    for second in range(30):
        diary.second(second, [ban(network(2 * second + n), LATER_NS) for n in range(2)])
    log = (tmp_path / "whole" / "record.db-wal").read_bytes()
    file = (tmp_path / "whole" / "record.db").read_bytes()
    diary.flush()
    frames = range(32, len(log), 4096 + 24)
    edges = {place + step for place in frames for step in (-1, 0, 1, 24)}
    chance = random.Random(20261120)
    anywhere = (chance.randrange(len(log)) for _ in range(CUTS))
    places = {0, 1, 31, len(log), *chance.sample(sorted(edges), CUTS), *anywhere}
    before = 0
    for place in sorted(places):
        torn = tmp_path / "torn"
        torn.mkdir()
        (torn / "record.db").write_bytes(file)
        (torn / "record.db-wal").write_bytes(log[:place])
        opened = open_record(torn / "record.db", 1 << 24)
        assert opened.notes == ()
        (count,) = opened.connection.execute("SELECT count(*) FROM bans").fetchone()
        opened.connection.close()
        shutil.rmtree(torn)

        assert count % 2 == 0
        assert count >= before
        before = count
    assert before == 60


def test_calm_costs_one_row_every_ten_seconds(tmp_path: Path) -> None:
    """A disk is not worn out by peace; a run tells that it lives."""
    diary = Diary(tmp_path)
    diary.second(0)
    seen = set()
    for second in range(1, 35):
        diary.second(second)
        seen |= set(rows(tmp_path, "SELECT seen_ns FROM runs"))
    diary.flush()

    assert 4 <= len(seen) <= 5
    assert HEARTBEAT_NS == 10_000_000_000


def test_a_clock_that_is_set_is_told_and_changes_nothing(tmp_path: Path) -> None:
    """By hours and years, forward and back: bans end when they would have ended."""
    diary = Diary(tmp_path)
    diary.second(0, [ban(network(0), moment(60).ns), ban(network(1), 0)])
    for second, jump_s in ((10, 3600), (20, -3600 * 9), (30, 10 * 365 * 86400), (40, 0)):
        diary.jump_s = jump_s
        diary.second(second)
        assert rows(tmp_path, "SELECT count(*) FROM bans WHERE ended = ''") == [(2,)]
    diary.second(59)
    assert rows(tmp_path, "SELECT count(*) FROM bans WHERE ended = ''") == [(2,)]
    diary.second(60)
    diary.flush()

    assert rows(tmp_path, "SELECT network FROM bans WHERE ended = ''") == [("2001:db8::1/128",)]
    told = rows(tmp_path, "SELECT text FROM events WHERE kind = 'clock'")
    assert told == [
        ("the wall clock was set forward by 1h",),
        ("the wall clock was set back by 10h",),
        ("the wall clock was set forward by 3650d 9h",),
        ("the wall clock was set back by 3650d",),
    ]


def test_a_slow_clock_is_no_news(tmp_path: Path) -> None:
    """NTP corrects by milliseconds."""
    diary = Diary(tmp_path)
    for second in range(10):
        diary.jump_s = second / 10
        diary.second(second)
    diary.flush()

    assert rows(tmp_path, "SELECT count(*) FROM events") == [(0,)]


def test_the_end_of_a_run_keeps_bans_that_have_an_end(tmp_path: Path) -> None:
    """Those without one end with Floodwall, and `off` ends all."""
    diary = Diary(tmp_path)
    diary.second(0, [ban(network(0), LATER_NS), ban(network(1), 0)])
    assert diary.recorder.close(moment(5).ns, "stopped", 10)
    again = Diary(tmp_path, life("second", at=moment(9)))
    assert [each.network for each in again.found.bans] == [network(0)]
    assert again.recorder.close(moment(10).ns, "switched off", 10, lift=True)

    assert rows(tmp_path, "SELECT ended FROM runs ORDER BY id") == [("stopped",), ("switched off",)]
    assert rows(tmp_path, "SELECT ended FROM bans ORDER BY id") == [("switched off",), ("stopped",)]


@pytest.mark.parametrize("how", ["stopped", "switched off"])
def test_the_end_of_a_run_closes_what_is_open(tmp_path: Path, how: str) -> None:
    """With its reason, also what an earlier run had left open; the next one begins with none."""
    killed = Diary(tmp_path)
    killed.second(0, [note(Act.OPEN_INCIDENT, service=0)], Kind.SPOOFED_FLOOD)
    killed.recorder.abandon(10)
    diary = Diary(tmp_path, life("second", at=moment(3)))
    diary.second(4, [note(Act.OPEN_INCIDENT, service=None)], Kind.CALM)
    assert diary.recorder.close(moment(9).ns, how, 10)
    found = rows(tmp_path, "SELECT closed_text, lasted_ns FROM incidents ORDER BY id")
    said = rows(tmp_path, "SELECT text FROM events WHERE kind = 'close_incident' ORDER BY id")
    text = f"Floodwall was {how} while it went on"

    assert [each[0] for each in found] == [text, text]
    assert found[1][1] == 5 * SECOND_NS
    assert len(said) == 2
    assert all(text in each[0] for each in said)
    assert Diary(tmp_path, life("third", at=moment(12))).found.incidents == ()


def test_a_record_that_is_taken_away_is_written_again(tmp_path: Path) -> None:
    """What holds is in the new one: bans, open incidents."""
    diary = Diary(tmp_path)
    commands = [ban(network(0), LATER_NS), note(Act.OPEN_INCIDENT, service=0)]
    diary.second(0, commands, Kind.SPOOFED_FLOOD)
    for path in tmp_path.glob("record.db*"):
        path.unlink()
    for second in (1, 2, 3):
        diary.second(second, [ban(network(2 * second), LATER_NS)], Kind.SPOOFED_FLOOD)
    diary.flush()

    assert rows(tmp_path, "SELECT count(*) FROM bans WHERE ended = ''") == [(4,)]
    assert rows(tmp_path, "SELECT name FROM incidents") == [("*:80",)]
    assert rows(tmp_path, "SELECT count(*) FROM samples")[0][0] >= 1


def test_a_record_that_is_damaged_while_it_is_used_is_begun_anew(tmp_path: Path) -> None:
    """It is set aside, the operator is told, and what holds is in the new one."""
    diary = Diary(tmp_path)
    diary.second(0, [ban(network(n), LATER_NS) for n in range(300)])
    diary.flush()
    path = tmp_path / "record.db"
    damaged = bytearray(path.read_bytes())
    for place in range(2 * 4096, len(damaged)):
        damaged[place] ^= 0xA5
    path.write_bytes(damaged)
    diary = Diary(tmp_path, life("second", at=moment(10)))
    for second in range(11, 15):
        diary.second(second, [ban(network(second), LATER_NS)])
    told = diary.recorder.take_told()
    diary.flush()

    assert (tmp_path / "record.db.damaged").exists()
    assert rows(tmp_path, "SELECT count(*) FROM bans WHERE ended = ''") == [(4,)]
    assert not diary.recorder.trouble
    assert "set aside" in " ".join([diary.found.why_not, *told])


def test_orders_beside_the_rhythm_are_written_before_they_are_done(tmp_path: Path) -> None:
    """With who asked."""
    diary = Diary(tmp_path)
    diary.second(0)
    asked = ban(network(0), LATER_NS, rule="operator", who="uid 0 (root), pid 7")
    assert diary.recorder.order(moment(0.5).ns, {}, [asked])
    assert rows(
        tmp_path, "SELECT who, state FROM decisions JOIN actions ON decision = decisions.id"
    ) == [("uid 0 (root), pid 7", "planned")]
    diary.recorder.done(moment(0.5).ns, [""])
    diary.recorder.order(moment(0.7).ns, {}, [lift(network(0), who="uid 0 (root), pid 8")])
    diary.flush()

    assert rows(tmp_path, "SELECT ended FROM bans") == [("lifted: because of it",)]


def test_a_record_stays_within_its_size(tmp_path: Path) -> None:
    """Hours of a flood with thousands of bans and notes in four megabytes."""
    policy = RecordPolicy(max_bytes=4 << 20)
    diary = Diary(tmp_path, max_bytes=4 << 20, series_rows=60)
    for second in range(150):
        diary.recorder.tell(moment(second).ns, ["x" * 500] * 50)
        diary.second(second, [ban(network(second * 7 + n), LATER_NS) for n in range(7)])
        diary.done(second, *([""] * 7))
    trouble = diary.recorder.trouble
    diary.flush()

    assert trouble == ""
    assert bounds_of(policy).max_bytes == 4 << 20
    assert (tmp_path / "record.db").stat().st_size <= 4 << 20
    assert rows(tmp_path, "SELECT count(*) FROM bans WHERE ended = ''") == [(1050,)]


@pytest.mark.slow
def test_memory_does_not_grow_without_a_disk(tmp_path: Path) -> None:
    """The directory cannot even be made: an hour of attack is bounded, the bans are known."""
    (tmp_path / "file").touch()
    diary = Diary(tmp_path / "file")
    assert diary.found.why_not
    for second in range(3600):
        diary.second(second, [ban(network(second), LATER_NS + HOUR_NS) for _ in range(5)])
    assert diary.recorder._writer._size <= 10_100
    assert len(diary.recorder.bans()) == 3600
    (tmp_path / "file").unlink()
    deadline = time.monotonic() + 10
    while diary.recorder.trouble and time.monotonic() < deadline:
        time.sleep(0.1)
    diary.second(3601)
    diary.second(3602)
    told = diary.recorder.take_told()
    diary.flush()

    assert any("seconds of it are missing" in each for each in told)
    assert rows(tmp_path / "file", "SELECT count(*) FROM bans WHERE ended = ''") == [(3600,)]


def test_a_start_of_years_ago_forgets_nothing(tmp_path: Path) -> None:
    """A clock without battery begins in 1970: age is not judged by it."""
    diary = Diary(tmp_path)
    diary.second(0, [ban(network(0), LATER_NS)])
    diary.flush()
    diary = Diary(tmp_path, life("second", "other boot", Moment(BEGAN_NS, 0)))
    diary.second(1)
    diary.flush()
    with looking(tmp_path) as connection:
        assert connection.execute("SELECT count(*) FROM decisions").fetchone() == (1,)
