"""What can be asked about networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from floodwall.act.perform import Result
from floodwall.app.desk_bans import NETWORKS_MAX, BanDesk
from floodwall.app.operator import AllowedRow, BanRow
from floodwall.app.peer import Peer, Role
from floodwall.core.address import Network
from floodwall.core.commands import Ban, Command, Lift, RecordDecision
from floodwall.core.decision import Act
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS
from floodwall.core.protocol import VERSION, Request, decode_arguments

ROOT = Peer(9, 0, frozenset(), Role.OPERATE, "root")
NOW_NS = 1000 * SECOND_NS


class House:
    """Remembers what it was told; whoever begins with 10. cannot be banned."""

    def __init__(self) -> None:
        self.done: list[Command] = []
        self.notes: list[tuple[Any, ...]] = []
        self.rows = [BanRow(f"192.0.2.{n}/32", None, n, "", "x" * 200) for n in range(256)] * 4
        operator: Any = self  # as far as it is used
        self._verbs = BanDesk(self.obey, lambda: operator, lambda: NOW_NS).verbs()

    def obey(self, command: Command) -> Result:
        """Carry out a command."""
        self.done.append(command)
        if isinstance(command, Ban) and str(command.network).startswith("10."):
            return Result(command, error="not banned: own address", refused=True)
        if isinstance(command, Lift) and str(command.network).startswith("10."):
            return Result(command)
        return Result(command, told="done")

    def note_ban(self, network: Network, until_ns: int, reason: str) -> None:
        """Remember the reason."""
        self.notes.append(("ban", str(network), until_ns, reason))

    def note_lift(self, network: Network) -> None:
        """Forget it."""
        self.notes.append(("lift", str(network)))

    def note_allowed(self, network: Network, until_ns: int, reason: str) -> None:
        """Remember the allowance."""
        self.notes.append(("allow", str(network), until_ns, reason))

    def disallow(self, network: Network) -> bool:
        """Take it back."""
        return not str(network).startswith("10.")

    def bans(self) -> list[BanRow]:
        """Return the bans, of which the first ends now."""
        rows, self.rows = self.rows, self.rows[1:]
        return rows

    def allowed(self) -> list[AllowedRow]:
        """Return what is allowed."""
        return [AllowedRow("198.51.100.0/24", 5.0, "", "")]

    def ask(self, verb: str, **arguments: Any) -> Mapping[str, Any]:
        """Ask as root."""
        chosen = self._verbs[verb]
        asked = decode_arguments(Request(VERSION, 1, verb, arguments), chosen.arguments)
        return chosen.carry_out(ROOT, asked)

    def roles(self) -> dict[str, Role]:
        """Return who may what."""
        return {name: verb.role for name, verb in self._verbs.items()}


def test_a_ban_is_a_decision_with_who_asked() -> None:
    """Carried out as a command like any other."""
    house = House()
    answer = house.ask("ban", networks=["203.0.113.9"], for_s=600, reason="noisy")
    (command,) = house.done

    assert answer == {"refused": {}}
    assert isinstance(command, Ban)
    decision = command.decision
    assert (decision.act, decision.rule) == (Act.BAN, "operator")
    assert decision.who == "uid 0 (root), pid 9"
    assert decision.until_ns == command.until_ns == NOW_NS + 600 * SECOND_NS
    assert decision.text == "banned 203.0.113.9/32 for 10m, says uid 0 (root), pid 9: noisy"
    assert decision.undone_by == "its expiry, or floodwall unban"
    assert house.notes == [("ban", "203.0.113.9/32", command.until_ns, "noisy")]


def test_a_refusal_stops_no_other() -> None:
    """And leaves no note."""
    house = House()
    answer = house.ask("ban", networks=["10.0.0.1", "203.0.113.9"])

    assert answer == {"refused": {"10.0.0.1/32": "not banned: own address"}}
    assert house.notes == [("ban", "203.0.113.9/32", 0, "")]


def test_lifting_allowing_and_taking_back_are_decisions_too() -> None:
    """Each with its act; what was not so is said."""
    house = House()
    assert house.ask("unban", networks=["10.0.0.1", "192.0.2.1"])["refused"] == {
        "10.0.0.1/32": "was not banned"
    }
    assert house.ask("allow", networks=["192.0.2.0/24"], for_s=1.5)["refused"] == {}
    assert house.ask("disallow", networks=["10.0.0.1", "192.0.2.0/24"])["refused"] == {
        "10.0.0.1/32": "was not allowed"
    }

    acts = [c.decision.act for c in house.done if isinstance(c, Lift | RecordDecision)]
    assert acts == [Act.LIFT, Act.LIFT, Act.ALLOW, Act.DISALLOW, Act.DISALLOW]
    assert ("allow", "192.0.2.0/24", NOW_NS + 3 * SECOND_NS // 2, "") in house.notes


@pytest.mark.parametrize(
    "arguments",
    [
        {"networks": []},
        {"networks": ["192.0.2.1"] * (NETWORKS_MAX + 1)},
        {"networks": ["192.0.2.1/24"]},
        {"networks": ["nonsense", "192.0.2.1"]},
        {"networks": ["192.0.2.1"], "for_s": 0},
        {"networks": ["192.0.2.1"], "for_s": -5},
        {"networks": ["192.0.2.1"], "for_s": 1e300},
        {"networks": ["192.0.2.1"], "for_s": "10m"},
        {"networks": ["192.0.2.1"], "reason": "x" * 1001},
        {"networks": ["192.0.2.1"], "reason": "two\nlines"},
        {"networks": ["192.0.2.1"], "reason": "\x1b[2Jgone"},
        {"networks": "192.0.2.1"},
    ],
)
def test_mistakes_change_nothing(arguments: dict[str, Any]) -> None:
    """All of a request is understood before any of it is done."""
    house = House()
    for verb in ("ban", "allow"):
        with pytest.raises(ConfigError):
            house.ask(verb, **arguments)

    assert (house.done, house.notes) == ([], [])


def test_a_long_list_comes_in_pages_of_one_look() -> None:
    """Though the first ban has ended meanwhile."""
    house = House()
    rows: list[Any] = []
    begin: int | None = 0
    while begin is not None:
        part = house.ask("bans", begin=begin)
        rows += part["rows"]
        begin = part["next"]

    assert len(rows) == 1024
    assert rows[0]["network"] == "192.0.2.0/32"
    assert len(house.ask("bans")["rows"]) < 1024
    assert house.ask("allowed") == {
        "rows": [{"network": "198.51.100.0/24", "left_s": 5.0, "since": "", "reason": ""}],
        "next": None,
    }


def test_viewers_may_only_list() -> None:
    """Everything else is for operators."""
    roles = House().roles()
    assert {name for name, role in roles.items() if role is Role.VIEW} == {"bans", "allowed"}
