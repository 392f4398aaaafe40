"""What is kept on disk, and what a disk may do to it."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from floodwall.alerts import spool as module
from floodwall.alerts.spool import AGE_MAX_S, FILE, LONGEST_WAIT_S, Spool, wait_s
from floodwall.core.alert_troubles import Urgency
from floodwall.core.alerting import Message
from floodwall.core.errors import KernelError
from tests.support.alerts import AlertBook, flood

NOW_S = 1_700_000_000.0


def started(*, users: bool = True) -> tuple[AlertBook, Message]:
    """Return a state and the message that led to it."""
    book = AlertBook() >> flood(0, users=users)
    return book, book.messages[0]


def filled(path: Path, *targets: str) -> Spool:
    """Return a spool in which one message waits for each target."""
    book, message = started()
    spool = Spool(path / FILE)
    spool.take(book.state, [(name, message) for name in targets], NOW_S)
    return spool


def names(spool: Spool, now_s: float, *busy: str) -> list[str]:
    """Return whose turn it is."""
    return [each.target for each in spool.due(now_s, frozenset(busy))]


def test_state_and_queue_survive_together(tmp_path: Path) -> None:
    """What one process wrote another finds."""
    book, message = started()
    with filled(tmp_path, "ops", "pager"):
        pass
    with Spool(tmp_path / FILE) as spool:
        assert spool.state() == book.state
        assert [each.message for each in spool.due(NOW_S, frozenset())] == [message] * 2
        assert names(spool, NOW_S, "ops") == ["pager"]


def test_what_arrived_is_gone_and_remembered(tmp_path: Path) -> None:
    """In the history, with its outcome."""
    with filled(tmp_path, "ops") as spool:
        spool.done(spool.due(NOW_S, frozenset())[0], "", NOW_S)
        assert names(spool, NOW_S) == []
        assert spool.targets() == []
        assert [row["outcome"] for row in spool.history(9)] == ["arrived"]


def test_a_target_that_fails_waits_ever_longer(tmp_path: Path) -> None:
    """Five seconds, ten, twenty; one success ends that, and another target never waits."""
    with filled(tmp_path, "ops", "pager") as spool:
        at_s = NOW_S
        for fails in range(1, 4):
            ops = spool.due(at_s, frozenset({"pager"}))[0]
            spool.done(ops, "refused", at_s)
            assert names(spool, at_s + wait_s(fails) - 1) == ["pager"]
            at_s += wait_s(fails)
            assert names(spool, at_s) == ["ops", "pager"]
        assert [(each.name, each.waiting, each.fails) for each in spool.targets()] == [
            ("ops", 1, 3),
            ("pager", 1, 0),
        ]
        spool.done(spool.due(at_s, frozenset())[0], "", at_s)
        assert [each.name for each in spool.targets()] == ["pager"]
    assert [wait_s(fails) for fails in (0, 1, 2, 3, 99)] == [0.0, 5.0, 10.0, 20.0, LONGEST_WAIT_S]


def test_a_clock_that_is_set_back_makes_nobody_wait(tmp_path: Path) -> None:
    """A try in the future was none."""
    with filled(tmp_path, "ops") as spool:
        spool.done(spool.due(NOW_S, frozenset())[0], "refused", NOW_S)
        assert names(spool, NOW_S - 10_000) == ["ops"]


def test_after_a_day_it_is_given_up(tmp_path: Path) -> None:
    """And that is on record."""
    with filled(tmp_path, "ops") as spool:
        spool.done(spool.due(NOW_S, frozenset())[0], "refused", NOW_S + AGE_MAX_S)
        assert names(spool, NOW_S + 2 * AGE_MAX_S) == []
        assert spool.history(1)[0]["outcome"] == "given up: refused"


def test_the_queue_is_bounded_and_keeps_what_is_critical(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest that is not critical goes first, and is on record."""
    monkeypatch.setattr(module, "QUEUE_MAX", 3)
    monkeypatch.setattr(module, "HISTORY_MAX", 2)
    book, warning = started()
    _, critical = started(users=False)
    with Spool(tmp_path / FILE) as spool:
        first = [("a", critical), ("b", warning), ("c", warning)]
        spool.take(book.state, first, NOW_S)
        spool.take(book.state, [("d", warning), ("e", critical), ("f", critical)], NOW_S)
        assert names(spool, NOW_S) == ["a", "e", "f"]
        assert critical.urgency is Urgency.CRITICAL
        assert [row["target"] for row in spool.history(9)] == ["c", "d"]


def test_what_waits_for_a_target_that_is_gone_is_given_up(tmp_path: Path) -> None:
    """When the file of targets does not name it any more."""
    with filled(tmp_path, "ops", "gone") as spool:
        spool.drop_unknown(["ops"], NOW_S)
        assert names(spool, NOW_S) == ["ops"]
        assert spool.history(1)[0]["outcome"] == "given up: no such target"


def test_a_word_of_the_operator_is_taken_once(tmp_path: Path) -> None:
    """Another process leaves it."""
    with filled(tmp_path) as spool, Spool(tmp_path / FILE) as other:
        other.acknowledge("incident:x")
        assert spool.acks() == {"incident:x"}
        assert spool.acks() == frozenset()


def test_a_damaged_spool_is_set_aside(tmp_path: Path) -> None:
    """And a new one begun: alerts go on."""
    (tmp_path / FILE).write_bytes(b"nonsense" * 1000)
    with Spool(tmp_path / FILE) as spool:
        assert "set aside" in spool.trouble
        assert spool.state().open == {}
    assert (tmp_path / f"{FILE}.damaged").exists()


def test_a_state_of_another_version_counts_as_nothing(tmp_path: Path) -> None:
    """What cannot be understood cannot be trusted."""
    with filled(tmp_path):
        pass
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("UPDATE state SET json = ?", (b'{"open": 7}',))
    db.close()
    with Spool(tmp_path / FILE) as spool:
        assert spool.state().open == {}


def test_a_place_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """In one sentence."""
    with pytest.raises(KernelError, match="cannot open the spool"):
        Spool(tmp_path / "gone" / FILE)


def test_from_memory_it_goes_on_with_what_it_had(tmp_path: Path) -> None:
    """The disk is left as it is."""
    with filled(tmp_path, "ops") as spool:
        spool.go_on_from_memory("database or disk is full")
        assert "disk is full" in spool.trouble
        assert names(spool, NOW_S) == ["ops"]
        book, message = started()
        spool.take(book.state, [("pager", message)], NOW_S)
        assert names(spool, NOW_S) == ["ops", "pager"]
    with Spool(tmp_path / FILE) as spool:
        assert names(spool, NOW_S) == ["ops"]


_WRITER = """
import sys
from pathlib import Path
from tests.unit.alerts.test_spool import NOW_S, Spool, started
book, message = started()
spool = Spool(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    spool.take(book.state, [(f"t{number}", message)], NOW_S)
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_kill_loses_nothing_that_was_taken(tmp_path: Path) -> None:
    """Every message that was said to be kept is there, whole."""
    for turn in range(3):
        path = tmp_path / f"{turn}.db"
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(5 + turn)]
            process.send_signal(signal.SIGKILL)
            said += process.stdout.readlines()
        last = max(int(line) for line in said if line.endswith("\n"))
        with Spool(path) as spool:
            waiting = names(spool, NOW_S)
        assert waiting[:last] == [f"t{number}" for number in range(1, last + 1)]
        assert len(waiting) - last in {0, 1}


def test_others_cannot_read_it(tmp_path: Path) -> None:
    """Under the mask that the command line sets."""
    before = os.umask(0o077)
    try:
        filled(tmp_path).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
