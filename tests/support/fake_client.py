"""A connection to a daemon that gives one answer and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from floodwall.app.client import RefusedError
from floodwall.kernel.closing import Closing


class FakeClient(Closing):
    """A daemon that agrees, unless it is told to refuse a verb."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer
        self.refuses = ""
        self.asked: list[tuple[str, dict[str, Any]]] = []

    @property
    def verbs(self) -> list[str]:
        """What was asked, without how."""
        return [verb for verb, _ in self.asked]

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Remember, and answer."""
        self.asked.append((verb, arguments))
        if verb == self.refuses:
            raise RefusedError("no", hint="", code=2)
        return dict(self.answer)

    def close(self) -> None:
        """Hang up: nothing to do."""
