"""The desk behind the control socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from floodwall.app.desk import Desk, Nothing, Verb
from floodwall.app.peer import Peer, Role
from floodwall.core.errors import ConfigError, KernelError
from floodwall.core.protocol import (
    HEADER_BYTES,
    VERSION,
    Answer,
    ProtocolError,
    Request,
    decode_answer,
    encode,
)

ROOT = Peer(1, 0, frozenset(), Role.OPERATE, "root")
VIEWER = Peer(2, 1000, frozenset(), Role.VIEW, "alice")


@dataclass(frozen=True, slots=True)
class Number:
    """What the verb `add` takes."""

    number: int


class Till:
    """Something that can be looked at and changed."""

    def __init__(self) -> None:
        self.total = 0
        self.complaints: list[str] = []
        verbs = {
            "look": Verb(Role.VIEW, Nothing, self._look),
            "add": Verb(Role.OPERATE, Number, self._add),
            "who": Verb(Role.VIEW, Nothing, lambda peer, _: {"who": peer.who}),
        }
        self.desk = Desk(verbs, self.complaints.append)

    def _look(self, _: Peer, __: Nothing) -> Mapping[str, Any]:
        return {"total": self.total}

    def _add(self, _: Peer, asked: Number) -> Mapping[str, Any]:
        if asked.number == 13:
            raise KernelError("unlucky", hint="try 14")
        if asked.number == 14:
            raise ZeroDivisionError("oh")
        if asked.number == 15:
            return {"text": "x" * 100_000}
        self.total += asked.number
        return {}

    def ask(self, peer: Peer, verb: str, **arguments: Any) -> Answer:
        """Ask as a peer."""
        raw = encode(Request(VERSION, 5, verb, arguments))[HEADER_BYTES:]
        return decode_answer(self.desk.answer(peer, raw)[HEADER_BYTES:])


def test_a_verb_is_carried_out() -> None:
    """With its arguments, and its answer has the number of the request."""
    till = Till()

    assert till.ask(ROOT, "add", number=4) == Answer(VERSION, 5, {})
    assert till.ask(VIEWER, "look") == Answer(VERSION, 5, {"total": 4})


def test_a_viewer_changes_nothing() -> None:
    """And is told what is missing: a privilege."""
    till = Till()
    error = till.ask(VIEWER, "add", number=4).error

    assert error is not None
    assert error.message == "uid 1000 (alice), pid 2 may look, but not add"
    assert error.code == 3
    assert till.total == 0


@pytest.mark.parametrize(
    ("verb", "arguments", "code", "message"),
    [
        ("fly", {}, 2, "the daemon cannot 'fly'"),
        ("add", {}, 2, "add: Object missing required field `number`"),
        ("add", {"number": 1, "twice": True}, 2, "add takes no twice"),
        ("look", {"at": 1}, 2, "look takes no at"),
        ("add", {"number": 13}, 3, "unlucky"),
        ("add", {"number": 15}, 2, "more than a frame takes"),
    ],
)
def test_refusals_have_message_and_code(
    verb: str, arguments: dict[str, Any], code: int, message: str
) -> None:
    """Those of errors.py."""
    till = Till()
    error = till.ask(ROOT, verb, **arguments).error

    assert error is not None
    assert (error.code, till.total) == (code, 0)
    assert message in error.message


def test_a_mistake_of_ours_fails_one_request() -> None:
    """It is told to the peer and to the journal, and the daemon goes on."""
    till = Till()
    error = till.ask(ROOT, "add", number=14).error

    assert error is not None
    assert "ZeroDivisionError: oh" in error.message
    assert till.complaints == [error.message]
    assert till.ask(ROOT, "add", number=1).error is None


def test_what_is_no_request_is_not_answered_here() -> None:
    """The connection ends over it."""
    with pytest.raises(ProtocolError):
        Till().desk.answer(ROOT, b"{}")


def test_everybody_may_ask_what_they_may() -> None:
    """Version, role, and the verbs of that role."""
    assert Till().ask(VIEWER, "hello").result is not None
    mine = Till().ask(VIEWER, "hello").result or {}
    all_ = Till().ask(ROOT, "hello").result or {}

    assert (mine["role"], mine["verbs"], mine["protocol"]) == ("view", ["hello", "look", "who"], 1)
    assert all_["verbs"] == ["hello", "look", "add", "who"]
    assert issubclass(ProtocolError, ConfigError)


def test_for_whom_a_peer_asks_is_said_and_gives_no_right() -> None:
    """The role is that of the peer."""
    till = Till()

    def ask(peer: Peer, verb: str) -> Answer:
        raw = encode(Request(VERSION, 5, verb, {}, "root"))[HEADER_BYTES:]
        return decode_answer(till.desk.answer(peer, raw)[HEADER_BYTES:])

    assert ask(VIEWER, "who").result == {"who": "root, by word of uid 1000 (alice), pid 2"}
    assert ask(VIEWER, "add").error is not None
