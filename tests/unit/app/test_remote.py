"""An operator's hand that asks the daemon, or works without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest

from floodwall.app import remote as module
from floodwall.app.client import UnreachableError
from floodwall.app.operator import AllowedRow, BanRow, Operator
from floodwall.app.remote import RemoteOperator, hand_at_work
from floodwall.core.address import parse_network
from floodwall.core.errors import ConfigError
from floodwall.core.settings import Bans
from tests.support.fake_operator import FakeOperator

NETWORK = parse_network("192.0.2.1")


class FakeClient:
    """A daemon that refuses 192.0.2.1 and has two bans in two pages."""

    hangs = False

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.closed = False

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Remember, and refuse."""
        if self.hangs:
            raise UnreachableError("the daemon does not answer")
        self.asked.append((verb, arguments))
        return {"refused": {"192.0.2.1/32": "protected"}}

    def pages(self, verb: str, rows: str) -> Iterator[dict[str, Any]]:
        """Give two pages."""
        if verb == "bans":
            row = {"network": "x", "left_s": 5, "hits": 1, "since": "", "reason": ""}
            yield {rows: [row], "next": 1}
            yield {rows: [row | {"left_s": None}], "next": None}
        else:
            yield {
                rows: [{"network": "y", "left_s": None, "since": "", "reason": ""}],
                "next": None,
            }

    def close(self) -> None:
        """Hang up."""
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def test_refusals_are_told_as_without_a_daemon() -> None:
    """A ban raises; what was not so is False."""
    client = FakeClient()
    hand = RemoteOperator(client)  # type: ignore[arg-type]  # as far as it is used
    for call in (hand.ban, hand.allow):
        with pytest.raises(ConfigError, match="protected"):
            call(NETWORK, 60.0, "why")

    assert hand.unban(NETWORK) is False
    assert hand.disallow(parse_network("192.0.2.2")) is True
    assert client.asked[0] == (
        "ban",
        {"networks": ["192.0.2.1/32"], "for_s": 60.0, "reason": "why"},
    )


def test_lists_come_whole() -> None:
    """As the same rows that the maps give."""
    hand = RemoteOperator(FakeClient())  # type: ignore[arg-type]  # as far as it is used

    assert hand.bans() == [BanRow("x", 5.0, 1, "", ""), BanRow("x", None, 1, "", "")]
    assert hand.allowed() == [AllowedRow("y", None, "", "")]


def test_a_daemon_that_answers_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And hung up on afterwards."""
    client = FakeClient()
    monkeypatch.setattr(module, "Client", lambda: client)
    with hand_at_work(Bans()) as hand:
        assert isinstance(hand, RemoteOperator)

    assert client.asked == [("hello", {})]
    assert client.closed


@pytest.mark.parametrize("hangs", [True, False])
def test_without_one_the_maps_are_used(monkeypatch: pytest.MonkeyPatch, *, hangs: bool) -> None:
    """Also beside one that hangs: an operator's word always works."""
    client = FakeClient()
    client.hangs = True

    def connect() -> FakeClient:
        if hangs:
            return client
        raise UnreachableError("no daemon")

    @contextmanager
    def at_work(caps: Bans) -> Iterator[FakeOperator]:
        assert caps == Bans()
        yield FakeOperator()

    monkeypatch.setattr(module, "Client", connect)
    monkeypatch.setattr(Operator, "at_work", at_work)
    with hand_at_work(Bans()) as hand:
        assert isinstance(hand, FakeOperator)
    assert client.closed is hangs
