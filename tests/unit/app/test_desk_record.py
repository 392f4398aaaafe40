"""What can be asked about the past."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from floodwall.app.desk_record import SAMPLES_MAX, Present, RecordDesk, thinned
from floodwall.app.peer import Peer, Role
from floodwall.core.address import parse_network
from floodwall.core.decision import Act
from floodwall.core.errors import ConfigError
from floodwall.core.model import Guard
from floodwall.core.protocol import VERSION, Request, decode_arguments, encode, succeeded
from floodwall.core.verdict import Kind
from floodwall.store.history import History
from floodwall.store.moment import Anchor
from floodwall.store.rows import SampleRow
from tests.support.records import BEGAN_NS, HOUR_NS, Diary, ban, moment, note

VIEWER = Peer(9, 1000, frozenset(), Role.VIEW, "alice")
BANNED = parse_network("198.51.100.0/24")


@pytest.fixture
def desk(tmp_path: Path) -> RecordDesk:
    """A record of one flood, during which a network was banned."""
    diary = Diary(tmp_path)
    diary.second(0)
    commands = [
        note(Act.OPEN_INCIDENT, "*:80: a SYN flood", service=0),
        ban(BANNED, BEGAN_NS + HOUR_NS, service=0),
    ]
    diary.second(1, commands, Kind.SPOOFED_FLOOD)
    diary.done(1, "", "")
    diary.flush()

    @contextmanager
    def past() -> Iterator[History]:
        with History.of(tmp_path / "record.db", Anchor("boot", moment(60))) as history:
            yield history

    present = Present({parse_network("192.0.2.1"): Guard.GATEWAY}, [{"name": "*:80 nginx"}])
    return RecordDesk(past, lambda: present)


def ask(desk: RecordDesk, verb: str, **arguments: Any) -> Mapping[str, Any]:
    """Ask as a viewer; the answer must be JSON that fits into a frame."""
    chosen = desk.verbs()[verb]
    assert chosen.role is Role.VIEW
    asked = decode_arguments(Request(VERSION, 1, verb, arguments), chosen.arguments)
    answer = chosen.carry_out(VIEWER, asked)
    encode(succeeded(1, answer))
    return answer


def test_incidents_are_listed(desk: RecordDesk) -> None:
    """As rows, in pages."""
    answer = ask(desk, "incidents")

    assert (len(answer["rows"]), answer["next"]) == (1, None)
    assert "*:80" in json.dumps(answer["rows"][0])


def test_why_is_answered_from_record_and_present(desk: RecordDesk) -> None:
    """Who is banned, and who cannot be."""
    assert "198.51.100.0/24" in json.dumps(ask(desk, "why", subject="198.51.100.7"))
    assert "gateway" in json.dumps(ask(desk, "why", subject="192.0.2.1"))
    assert "nginx" in json.dumps(ask(desk, "why", subject="80"))


def test_nonsense_is_refused(desk: RecordDesk) -> None:
    """With what can be asked."""
    with pytest.raises(ConfigError):
        ask(desk, "why", subject="the sky")


@pytest.mark.parametrize("part", ["verdicts", "decisions", "events", "series"])
def test_each_part_of_an_incident_is_told(desk: RecordDesk, part: str) -> None:
    """With the incident itself beside it."""
    answer = ask(desk, "incident", id=1, part=part)

    assert answer["incident"]["id"] == 1
    assert answer["rows"]
    assert answer["next"] is None


def test_an_incident_that_is_not_there_is_refused(desk: RecordDesk) -> None:
    """With the way to find those that are."""
    with pytest.raises(ConfigError, match="no incident I77"):
        ask(desk, "incident", id=77, part="events")


def test_events_are_told_from_a_number_on(desk: RecordDesk) -> None:
    """So that nobody misses one, or reads one twice."""
    newest = ask(desk, "events", limit=2)["rows"]
    behind = ask(desk, "events", after=newest[0]["id"])["rows"]

    assert [row["id"] for row in newest] == sorted(row["id"] for row in newest)
    assert behind == newest[1:]
    assert ask(desk, "events", after=newest[-1]["id"])["rows"] == []
    assert len(ask(desk, "incidents", limit=-5)["rows"]) == 1


def test_a_long_series_keeps_its_peaks() -> None:
    """Each stretch is told by its highest sample."""
    series = [SampleRow(n, "", {"syns": 9000.0 if n == 1234 else n % 7}) for n in range(5000)]

    kept = thinned(series)

    assert len(kept) <= SAMPLES_MAX
    assert 1234 in [each.tick for each in kept]
    assert [each.tick for each in kept] == sorted(each.tick for each in kept)
    assert thinned([]) == []
