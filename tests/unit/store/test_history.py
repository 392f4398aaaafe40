"""Looking into the record."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from floodwall.core.decision import Act
from floodwall.core.errors import ConfigError
from floodwall.core.verdict import Kind
from floodwall.store.history import History
from floodwall.store.moment import Anchor
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
)

LATER_NS = BEGAN_NS + HOUR_NS
NOW = Anchor("boot", moment(60))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Keep the record of one incident with a ban that holds, one that was lifted, one refused."""
    diary = Diary(tmp_path)
    diary.second(0)
    wide = ban(ip_network("198.51.100.0/24"), LATER_NS, service=0)
    opened = note(Act.OPEN_INCIDENT, "*:80: a SYN flood", service=0)
    diary.second(1, [opened, wide, ban(network(1), 0)], Kind.SPOOFED_FLOOD)
    diary.done(1, "", "", "not banned: gateway")
    diary.second(2, [ban(network(3), LATER_NS)], Kind.SPOOFED_FLOOD)
    diary.done(2, "")
    diary.second(3, [lift(network(3))], Kind.SPOOFED_FLOOD)
    diary.done(3, "")
    diary.flush()
    return tmp_path


def test_incidents_are_listed(directory: Path) -> None:
    """With how long they have lasted, and what they came to."""
    with History.of(directory / "record.db", NOW) as history:
        (row,) = history.incidents()
        assert history.incidents(name_ends=":80") == [row]
        assert history.incidents(name_ends=":8") == []
        assert history.incidents(name_ends=":443") == []
        assert history.incident(1) == row
        assert history.incident(2) is None
        series = history.series(1)

    assert (row.service, row.kind, row.closed, row.lasted_s) == ("*:80", "spoofed_flood", None, 59)
    assert [sample.tick for sample in series] == [0, 1, 2]
    assert series[0].facts["spoof_index"] == 0.99


def test_a_ban_answers_for_each_of_its_addresses(directory: Path) -> None:
    """Those in force first, with what is left; a network answers for what is in it."""
    with History.of(directory / "record.db", NOW) as history:
        (wide,) = history.bans(ip_address("198.51.100.77"))
        assert history.bans(ip_address("198.51.101.0")) == []
        (lifted,) = history.bans(network(3))
        (refused,) = history.bans(network(1))
        assert history.bans(ip_network("198.0.0.0/8")) == [wide]

    assert (wide.network, wide.left_s, wide.ended) == ("198.51.100.0/24", 3540, None)
    assert (lifted.how, refused.how) == ("lifted: because of it", "failed: not banned: gateway")
    assert refused.until is None


def test_a_ban_that_nobody_could_end_is_over_all_the_same(directory: Path) -> None:
    """The daemon was killed; its time has come since, also after a reboot."""
    for now in (Anchor("boot", moment(7200)), Anchor("another", moment(7200))):
        with History.of(directory / "record.db", now) as history:
            (wide,) = history.bans(ip_address("198.51.100.77"))
        assert wide.how == "expired"
        assert wide.left_s is None
        assert wide.ended is not None


def test_decisions_come_with_their_actions(directory: Path) -> None:
    """By incident, by network, by port, each newest first."""
    with History.of(directory / "record.db", NOW) as history:
        of_incident = history.decisions(incident=1)
        (of_network,) = history.decisions(network=ip_address("198.51.100.1"))
        of_port = history.decisions(name_ends=":80")
        lifted, banned = history.decisions(network=network(3))
        assert history.decision(of_network.id) == of_network
        assert history.decision(999) is None

    assert [row.act for row in of_incident] == ["ban", "open_incident"]
    assert of_port == of_incident
    assert of_network.evidence[0]["value"] == 70
    assert of_network.actions[0].state == "done"
    assert banned.actions[0].undone == lifted.at


def test_verdicts_come_with_their_evidence(directory: Path) -> None:
    """Of an incident, or of a port."""
    with History.of(directory / "record.db", NOW) as history:
        (row,) = history.verdicts(incident=1)
        assert history.verdicts(name_ends=":80") == [row]

    assert row.spoof_index == (0.99, 0.98, 0.995)
    assert row.advice == "raise the backlog"


def test_events_are_followed_by_their_number(directory: Path) -> None:
    """Page by page, without a gap."""
    with History.of(directory / "record.db", NOW) as history:
        last = history.last_events(3)
        everything = history.events()
        behind = history.events(everything[-4].id)
        assert history.last_events(100, incident=1)[0].incident == 1

    assert [row.id for row in everything] == list(range(1, len(everything) + 1))
    assert behind == last


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """None there, no database, another version."""
    path = tmp_path / "record.db"
    with pytest.raises(ConfigError, match="nothing is on record"), History.of(path, NOW):
        pass
    path.write_text("no database at all, but long enough for a head of one hundred bytes" * 9)
    with pytest.raises(ConfigError, match="cannot read the record"), History.of(path, NOW):
        pass


def test_a_record_of_another_version_is_not_misread(directory: Path) -> None:
    """Its columns may mean something else."""
    with looking(directory) as connection:
        connection.execute("PRAGMA user_version = 99")
    path = directory / "record.db"
    with pytest.raises(ConfigError, match="has version 99 of the record"), History.of(path, NOW):
        pass


def test_a_column_that_is_damaged_hides_no_other(directory: Path) -> None:
    """Somebody has written into the file."""
    with looking(directory) as connection:
        connection.execute("UPDATE decisions SET evidence = '[{'")
        connection.execute("UPDATE samples SET facts = 'x'")
        connection.commit()
    with History.of(directory / "record.db", NOW) as history:
        assert history.decisions(incident=1)[0].evidence == []
        assert history.series(1)[0].facts == {}


def test_the_words_that_freed_a_network_are_found(directory: Path) -> None:
    """Those behind a decision, and no rule's."""
    target = network(6)
    diary = Diary(directory, life("words", at=moment(59)))
    freed = lift(target, rule="operator", text="lifted by hand")
    diary.second(60, [ban(target, 0), lift(target, text="by rule"), freed])
    diary.flush()

    with History.of(directory / "record.db", NOW) as history:
        newest = history.decisions(network=target)[0].id
        assert [row.text for row in history.words(0)] == ["lifted by hand"]
        assert history.words(newest) == []
