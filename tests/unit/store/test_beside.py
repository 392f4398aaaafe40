"""What is written beside a daemon that is gone."""

from pathlib import Path

from floodwall.core.decision import Act
from floodwall.core.verdict import Kind
from floodwall.store.beside import end_bans, write_by_hand
from floodwall.store.recordfile import RecordFile
from floodwall.store.retention import Bounds
from tests.support.records import (
    BEGAN_NS,
    HOUR_NS,
    Diary,
    ban,
    life,
    lift,
    moment,
    network,
    note,
    rows,
)

LATER_NS = BEGAN_NS + HOUR_NS
HOLDING = "SELECT network FROM bans WHERE ended = '' ORDER BY network"


def killed(directory: Path, *, attacked: bool = False) -> Path:
    """Leave three bans of a daemon that was killed, one of them without end."""
    diary = Diary(directory)
    if attacked:
        diary.second(0, [note(Act.OPEN_INCIDENT, service=0)], Kind.SPOOFED_FLOOD)
    diary.second(0, [ban(network(0), LATER_NS), ban(network(2), LATER_NS), ban(network(4), 0)])
    diary.done(0, "", "", "")
    diary.flush()
    return directory / "record.db"


def test_what_an_operator_does_by_hand_is_on_record(tmp_path: Path) -> None:
    """The next daemon finds it; bans without end go on."""
    path = killed(tmp_path)
    hand = life("hand", at=moment(5))
    assert write_by_hand(path, hand, ban(network(6), LATER_NS, rule="operator")) == ""
    other = life("other hand", at=moment(6))
    assert write_by_hand(path, other, lift(network(0), rule="operator")) == ""

    names = [str(network(number)) for number in (2, 4, 6)]
    assert [name for (name,) in rows(tmp_path, HOLDING)] == names
    assert rows(tmp_path, "SELECT undone_by FROM actions WHERE id = 1") == [(5,)]
    found = Diary(tmp_path, life("next", at=moment(9)))
    found.flush()
    assert [str(each.network) for each in found.found.bans] == names


def test_off_ends_every_ban(tmp_path: Path) -> None:
    """None comes back at the next start, and no incident stays open."""
    path = killed(tmp_path, attacked=True)
    assert end_bans(path, life("hand", at=moment(5)), "switched off by the operator") == ""

    assert rows(tmp_path, HOLDING) == []
    assert rows(tmp_path, "SELECT closed_text FROM incidents") == [
        ("switched off by the operator",)
    ]
    assert rows(tmp_path, "SELECT text FROM events ORDER BY id DESC LIMIT 1") == [
        ("switched off by the operator",)
    ]


def test_no_record_is_made_for_it(tmp_path: Path) -> None:
    """Where nothing was on record nothing has to end."""
    assert end_bans(tmp_path / "none" / "record.db", life(), "off") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_daemon_that_still_writes_is_not_disturbed(tmp_path: Path) -> None:
    """The reason is told, and nothing waits."""
    path = killed(tmp_path)
    daemon = RecordFile(path, Bounds(4 << 20, 1), life("daemon"))
    daemon.open()
    assert end_bans(path, life("hand"), "off") == "another process writes to it"
    daemon.release()
