"""What can be asked about settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from floodwall.app import desk_settings as module
from floodwall.app.changes import Changes, opening
from floodwall.app.configure import Sources
from floodwall.app.desk_settings import LINES_MAX, SettingsDesk
from floodwall.app.peer import Peer, Role
from floodwall.core.commands import RecordDecision
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS
from floodwall.core.observation import Observation
from floodwall.core.protocol import VERSION, Request, decode_arguments, encode, succeeded
from floodwall.core.settings import Settings
from floodwall.core.state import State
from tests.support.playbook import Playbook, listener, quiet

ROOT = Peer(9, 0, frozenset(), Role.OPERATE, "root")
NEW = '[attach]\ninterfaces = ["eth0", "eth1"]\n[arming]\nhold_s = 9\n'


class Wall:
    """A defence of eth0 and eth7, as far as settings go."""

    def __init__(self) -> None:
        self.seen: Observation = quiet(1, targets=(listener(),))
        self.state: State = (Playbook() >> self.seen).state
        self.names = ("eth0", "eth7")
        self.now_ns = 1000 * SECOND_NS

    def check(self, settings: Settings) -> None:
        """Refuse nothing."""

    def reload(self, settings: Settings, now_ns: int) -> None:
        """Refuse nothing."""

    def settle(self, settings: Settings) -> None:
        """Refuse nothing."""

    def obey(self, command: RecordDecision) -> object:
        """Forget it."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SettingsDesk:
    """A desk of a machine whose route goes by eth0."""
    monkeypatch.setattr(
        module, "wanted_interfaces", lambda settings: settings.attach.interfaces or ("eth0",)
    )
    wall = Wall()
    file = tmp_path / "floodwall.toml"
    file.write_text("")
    sources = Sources(file)
    begun = opening(sources, tmp_path, wall.now_ns)
    changes = Changes(begun, sources, tmp_path, wall, lambda: wall.now_ns)
    return SettingsDesk(changes, wall, lambda: wall.now_ns)


def ask(desk: SettingsDesk, verb: str, **arguments: Any) -> Mapping[str, Any]:
    """Ask as root; the answer must fit into a frame."""
    chosen = desk.verbs()[verb]
    asked = decode_arguments(Request(VERSION, 1, verb, arguments), chosen.arguments)
    answer = chosen.carry_out(ROOT, asked)
    encode(succeeded(1, answer))
    return answer


def test_a_plan_tells_settings_interfaces_and_effects(desk: SettingsDesk) -> None:
    """And changes nothing."""
    answer = ask(desk, "plan", text=NEW, origin="new.toml")

    assert answer["settings"] == [
        "attach.interfaces: [] -> [eth0, eth1]",
        "arming.hold_s: 5.0 -> 9.0",
    ]
    assert answer["effects"] == [
        "attach to eth1",
        "detach from eth7",
        "limits of *:80: hold_ns 5000000000 -> 9000000000",
    ]
    assert ask(desk, "trial") == {"trial": None}


def test_a_trial_is_begun_told_and_confirmed(desk: SettingsDesk, tmp_path: Path) -> None:
    """With the same answer as the plan's."""
    plan = ask(desk, "plan", text=NEW, origin="new.toml")
    deadline_ns = 1060 * SECOND_NS
    assert ask(desk, "try", text=NEW, origin="new.toml", deadline_ns=deadline_ns) == plan
    trial = ask(desk, "trial")["trial"]
    assert trial == {"origin": "new.toml", "left_s": 60.0, "who": "uid 0 (root), pid 9"}

    file = tmp_path / "floodwall.toml"
    assert ask(desk, "confirm") == {"text": "", "file": str(file), "trouble": ""}
    assert file.read_text() == NEW
    with pytest.raises(ConfigError):
        ask(desk, "reject")


def test_a_trial_is_rejected(desk: SettingsDesk, tmp_path: Path) -> None:
    """At once."""
    ask(desk, "try", text=NEW, origin="new.toml", deadline_ns=1060 * SECOND_NS)
    assert ask(desk, "reject") == {}
    assert ask(desk, "trial") == {"trial": None}
    assert (tmp_path / "floodwall.toml").read_text() == ""


def test_what_the_daemon_cannot_write_comes_back(
    desk: SettingsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked may write it."""

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("floodwall.app.changes.write_text", refuse)
    ask(desk, "try", text=NEW, origin="new.toml", deadline_ns=1060 * SECOND_NS)
    answer = ask(desk, "confirm")
    assert answer["text"] == NEW
    assert "Read-only" in answer["trouble"]


def test_long_answers_are_cut(desk: SettingsDesk) -> None:
    """An answer has a length."""
    ports = ", ".join(str(port) for port in range(1, 1000))
    answer = ask(desk, "plan", text=f"[services]\nexclude_ports = [{ports}]\n", origin="x")
    assert all(len(line) <= 303 for line in (*answer["settings"], *answer["effects"]))
    cut = module._cut([str(number) for number in range(LINES_MAX + 7)])
    assert (len(cut), cut[-1]) == (LINES_MAX + 1, "and 7 more")


@pytest.mark.parametrize("origin", ["", "x" * 5000, "two\nlines", "\x1b[2J"])
def test_names_are_printable(desk: SettingsDesk, origin: str) -> None:
    """They are written into journals and terminals."""
    with pytest.raises(ConfigError, match="printable name"):
        ask(desk, "apply", text=NEW, origin=origin)


def test_only_operators_change(desk: SettingsDesk) -> None:
    """A viewer sees whether something is on trial."""
    roles = {name: verb.role for name, verb in desk.verbs().items()}
    assert {name for name, role in roles.items() if role is Role.VIEW} == {"settings", "trial"}


def test_what_holds_is_told_and_the_text_to_operators_only(desk: SettingsDesk) -> None:
    """Comments in a file may say more than a viewer should read."""
    verb = desk.verbs()["settings"]
    viewer = Peer(9, 1000, frozenset(), Role.VIEW, "eve")

    mine, theirs = ask(desk, "settings"), verb.carry_out(viewer, verb.arguments())

    assert mine["holds"]["arming"] == theirs["holds"]["arming"]
    assert (mine["text"], theirs["text"]) == ("", None)
    assert mine["origin"].endswith("floodwall.toml")
