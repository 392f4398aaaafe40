"""The account of what happens."""

from pathlib import Path

from floodwall.core.commands import Command, RenewLease, RestoreSysctl, SetSysctl
from floodwall.core.decision import Act
from floodwall.core.model import Reading
from floodwall.core.verdict import Kind
from floodwall.store.account import LEAD_S, decision_of
from tests.support.records import (
    BEGAN_NS,
    HOUR_NS,
    Diary,
    ban,
    decision,
    lift,
    moment,
    network,
    note,
    rows,
)

LATER_NS = BEGAN_NS + HOUR_NS
OPEN = note(Act.OPEN_INCIDENT, "*:80: a SYN flood", service=0)
CLOSE = note(Act.CLOSE_INCIDENT, "*:80: is over", service=0)


def test_only_what_was_decided_is_an_action(tmp_path: Path) -> None:
    """Upkeep, like the lease of every second, is not."""
    commands: list[Command] = [RenewLease(5), ban(network(0), LATER_NS), note(Act.ARM)]
    diary = Diary(tmp_path)
    diary.second(0, commands)
    diary.done(0, "", "", "")
    diary.flush()

    assert [bool(decision_of(each)) for each in commands] == [False, True, True]
    assert rows(tmp_path, "SELECT act FROM decisions") == [("ban",), ("arm",)]
    assert rows(tmp_path, "SELECT command, subject, state FROM actions") == [
        ("Ban", "198.18.0.0/32", "done")
    ]
    assert rows(tmp_path, "SELECT kind, network FROM events") == [
        ("ban", "198.18.0.0/32"),
        ("arm", None),
    ]


def test_what_failed_did_not_happen(tmp_path: Path) -> None:
    """The ban that it would have replaced holds on."""
    diary = Diary(tmp_path)
    diary.second(0, [ban(network(0), LATER_NS)])
    diary.done(0, "")
    diary.second(1, [ban(network(0), LATER_NS + 5), ban(network(2), LATER_NS)])
    diary.done(1, "the map is full", "not banned: gateway")
    diary.flush()

    assert rows(tmp_path, "SELECT network, until_ns FROM bans WHERE ended = ''") == [
        ("198.18.0.0/32", LATER_NS)
    ]
    assert rows(tmp_path, "SELECT state, result FROM actions ORDER BY id") == [
        ("done", ""),
        ("failed", "the map is full"),
        ("failed", "not banned: gateway"),
    ]


def test_an_undo_is_joined_to_what_it_undid(tmp_path: Path) -> None:
    """A lifted ban, a sysctl that was put back: each of the same subject, the newest."""
    name = "net.ipv4.tcp_synack_retries"
    tune = SetSysctl(name, "2", decision(Act.TUNE, subject=name))
    diary = Diary(tmp_path)
    diary.second(0, [ban(network(0), LATER_NS), tune, ban(network(2), LATER_NS)])
    diary.done(0, "", "", "")
    diary.second(1, [lift(network(0)), RestoreSysctl(name, decision(Act.RESTORE, subject=name))])
    diary.flush()

    assert rows(tmp_path, "SELECT id, command, undone_by FROM actions ORDER BY id") == [
        (1, "Ban", 4),
        (2, "SetSysctl", 5),
        (3, "Ban", None),
        (4, "Lift", None),
        (5, "RestoreSysctl", None),
    ]


def test_an_incident_has_its_course_from_before_it_began(tmp_path: Path) -> None:
    """Half a minute of lead, each of its seconds, its verdicts, decisions and its end."""
    diary = Diary(tmp_path)
    for second in range(-40, 0):
        diary.second(second, readings=(Reading(0, syns=10 * (40 + second)),))
    diary.second(0, [OPEN, ban(network(0), LATER_NS, service=0)], Kind.SPOOFED_FLOOD)
    diary.second(1, [], Kind.MIXED_FLOOD)
    diary.second(2, [CLOSE], Kind.CALM)
    diary.second(3)
    diary.flush()

    assert rows(tmp_path, "SELECT min(tick), max(tick), count(*) FROM samples") == [
        (1 - LEAD_S, 2, LEAD_S + 2)
    ]
    lead = rows(tmp_path, "SELECT DISTINCT facts ->> 'syns' FROM samples WHERE tick < 0")
    assert lead == [(10,)]
    assert rows(tmp_path, "SELECT name, kind, lasted_ns, closed_text FROM incidents") == [
        ("*:80", "mixed_flood", 2_000_000_000, "*:80: is over")
    ]
    assert rows(tmp_path, "SELECT DISTINCT incident FROM verdicts") == [(1,)]
    assert rows(tmp_path, "SELECT DISTINCT incident FROM decisions") == [(1,)]
    assert rows(tmp_path, "SELECT kind FROM verdicts") == [
        ("spoofed_flood",),
        ("mixed_flood",),
        ("calm",),
    ]


def test_a_reopened_incident_is_the_same(tmp_path: Path) -> None:
    """The core asks twice; there is one."""
    diary = Diary(tmp_path)
    diary.second(0, [OPEN])
    diary.second(1, [OPEN])
    diary.flush()

    assert rows(tmp_path, "SELECT count(*) FROM incidents") == [(1,)]


def test_bans_that_others_made_are_taken_over(tmp_path: Path) -> None:
    """Each once; and what they lifted has ended."""
    diary = Diary(tmp_path)
    diary.second(0, [ban(network(0), LATER_NS), ban(network(1), BEGAN_NS + 1)])
    held = {network(2), network(3)}
    for second in (2, 3):
        unknown = diary.recorder.unknown(held)
        made = [decision(Act.BAN, network=each, until_ns=0, rule="operator") for each in unknown]
        diary.recorder.agree(moment(second).ns, held, made)
        diary.second(second)
    diary.flush()

    assert rows(tmp_path, "SELECT network, rule FROM bans WHERE ended = '' ORDER BY network") == [
        ("198.18.0.2/32", "operator"),
        ("2001:db8::3/128", "operator"),
    ]
    assert dict(rows(tmp_path, "SELECT network, ended FROM bans WHERE ended != ''")) == {
        "198.18.0.0/32": "lifted beside the daemon",
        "2001:db8::1/128": "expired",
    }
