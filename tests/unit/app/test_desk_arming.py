"""What can be asked about arming."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from floodwall.app.desk_arming import ArmingDesk
from floodwall.app.peer import Peer, Role
from floodwall.core.decision import Act, Decision
from floodwall.core.errors import ConfigError, NotSupported
from floodwall.core.model import SECOND_NS
from floodwall.core.protocol import VERSION, Request, decode_arguments
from floodwall.core.upkeep import Step
from tests.support.playbook import START_NS, Playbook, listener, quiet

ROOT = Peer(9, 0, frozenset(), Role.OPERATE, "root")


class Wall:
    """A machine with one service, which remembers decisions."""

    def __init__(self) -> None:
        self.state = (
            Playbook() >> quiet(targets=(listener(), listener(port=8181, mptcp=True)))
        ).state
        self.decisions: list[Decision] = []
        self.low = False

    def require_challenges(self) -> None:
        """Refuse on a low rung."""
        if self.low:
            raise NotSupported("nothing can challenge SYNs here")

    def order(self, step: Step, decision: Decision) -> None:
        """Take over a step."""
        self.state, commands = step
        assert commands
        self.decisions.append(decision)

    def ask(self, verb: str, **arguments: Any) -> Mapping[str, Any]:
        """Ask as root."""
        chosen = ArmingDesk(self, lambda: START_NS).verbs()[verb]
        assert chosen.role is Role.OPERATE
        asked = decode_arguments(Request(VERSION, 1, verb, arguments), chosen.arguments)
        return chosen.carry_out(ROOT, asked)


def test_both_are_decisions_with_who_asked() -> None:
    """With the service, until when, and what takes it back."""
    wall = Wall()
    assert wall.ask("arm", service="80", for_s=60) == {"names": ["*:80"], "when_full": []}
    assert list(wall.state.by_hand.values()) == [START_NS + 60 * SECOND_NS]
    assert wall.ask("calm", service="*:80") == {"names": ["*:80"]}
    armed, calmed = wall.decisions

    assert (armed.act, armed.rule, armed.service) == (Act.ARM, "operator", 0)
    assert armed.text == "armed *:80 for 1m, says uid 0 (root), pid 9"
    assert armed.until_ns == START_NS + 60 * SECOND_NS
    assert armed.undone_by == "its time, or floodwall calm"
    assert (calmed.act, calmed.subject) == (Act.CALM, "*:80")
    assert calmed.who == ROOT.who


@pytest.mark.parametrize(
    "arguments",
    [
        {"service": "81"},
        {"service": "80", "for_s": 0},
        {"service": "80", "for_s": 86401},
        {"service": 80},
        {},
    ],
)
def test_mistakes_change_nothing(arguments: dict[str, Any]) -> None:
    """Another port, another time, another type."""
    wall = Wall()
    with pytest.raises(ConfigError):
        wall.ask("arm", **arguments)

    assert (wall.decisions, wall.state.by_hand) == ([], {})


@pytest.mark.parametrize("verb", ["arm", "calm"])
def test_where_nothing_can_challenge_both_are_refused(verb: str) -> None:
    """With exit code 3, and nothing is on record."""
    wall = Wall()
    wall.low = True
    with pytest.raises(NotSupported) as refused:
        wall.ask(verb, service="80")

    assert refused.value.exit_code == 3
    assert (wall.decisions, wall.state.by_hand) == ([], {})


def test_who_is_challenged_only_when_full_is_named() -> None:
    """A listener that speaks MPTCP is on the kernel's cookies, which makes none before."""
    assert Wall().ask("arm", service="8181") == {"names": ["*:8181"], "when_full": ["*:8181"]}
