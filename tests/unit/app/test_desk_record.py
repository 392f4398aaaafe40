"""What can be asked about the past."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from floodwall.app.desk_record import Present, RecordDesk
from floodwall.app.peer import Peer, Role
from floodwall.core.address import parse_network
from floodwall.core.decision import Act
from floodwall.core.errors import ConfigError
from floodwall.core.model import Guard
from floodwall.core.protocol import VERSION, Request, decode_arguments, encode, succeeded
from floodwall.core.verdict import Kind
from floodwall.store.history import History
from floodwall.store.moment import Anchor
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
