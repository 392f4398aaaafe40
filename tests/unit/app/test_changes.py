"""Which settings hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from floodwall.app.changes import LONGEST_NS, Changes, opening, sources_of
from floodwall.app.configure import Sources
from floodwall.core.commands import RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.errors import ConfigError, KernelError
from floodwall.core.model import SECOND_NS
from floodwall.core.settings import AttachMode, Settings
from floodwall.store.pending import PendingFile

WHO = "uid 0 (root), pid 1"
OLD, NEW = "[arming]\nhold_s = 7\n", "[arming]\nhold_s = 9\n"


class Wall:
    """Has settings; refuses to hold longer than an hour, and to reload when it is broken."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.decisions: list[Decision] = []
        self.broken = False
        self.on_reload: Callable[[], None] = lambda: None

    def check(self, settings: Settings) -> None:
        """Refuse an hour."""
        if settings.arming.hold_s >= 3600:
            raise ConfigError("too long")

    def reload(self, settings: Settings, now_ns: int) -> None:
        """Swap, unless broken."""
        assert now_ns
        self.on_reload()
        if self.broken:
            raise KernelError("eth7 is gone")
        self.settings = settings

    def settle(self, settings: Settings) -> None:
        """Swap in any case."""
        self.settings = settings

    def obey(self, command: RecordDecision) -> object:
        """Remember the decision."""
        self.decisions.append(command.decision)
        return None


class House:
    """A machine with a settings file, on which daemons come and go."""

    def __init__(self, run: Path, *, with_file: bool = True) -> None:
        self.run = run
        self.file = run / "floodwall.toml"
        self.file.write_text(OLD)
        self.sources = Sources(self.file if with_file else None)
        self.now_ns = 1000 * SECOND_NS

    def daemon(self) -> tuple[Changes, Wall]:
        """Start a daemon."""
        wall = Wall()
        begun = opening(self.sources, self.run, self.now_ns)
        wall.settings = begun.settings
        return Changes(begun, self.sources, self.run, wall, lambda: self.now_ns), wall

    def deadline(self, seconds: float = 60) -> int:
        """Return a time from now."""
        return self.now_ns + int(seconds * SECOND_NS)

    def wait(self, seconds: float, changes: Changes) -> int | None:
        """Let time go by, and the loop turn."""
        self.now_ns += int(seconds * SECOND_NS)
        return changes.tend(self.now_ns)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A machine with a settings file."""
    return House(tmp_path)


def test_a_trial_ends_at_its_time(house: House) -> None:
    """The file is never touched, and each step is a decision."""
    changes, wall = house.daemon()
    assert changes.tend(house.now_ns) is None
    changes.try_out(NEW, "new.toml", house.deadline(), WHO)
    assert wall.settings.arming.hold_s == 9
    assert PendingFile(house.run).exists()
    assert house.wait(59.9, changes) == house.deadline(0.1)
    assert wall.settings.arming.hold_s == 9
    assert house.wait(0.2, changes) is None

    assert wall.settings.arming.hold_s == 7
    assert house.file.read_text() == OLD
    assert not PendingFile(house.run).exists()
    assert [decision.act for decision in wall.decisions] == [Act.PROPOSE, Act.ROLL_BACK]
    assert wall.decisions[0].who == WHO
    assert wall.decisions[1].text == (
        "took settings from new.toml back: they were not confirmed in time"
    )


def test_a_confirmed_trial_is_written_into_the_file(house: House) -> None:
    """And its time has no meaning any more."""
    changes, wall = house.daemon()
    changes.try_out(NEW, "new.toml", house.deadline(), WHO)
    saved = changes.confirm(WHO)
    house.wait(100, changes)

    assert (saved.file, saved.trouble) == (str(house.file), "")
    assert house.file.read_text() == NEW
    assert wall.settings.arming.hold_s == 9
    assert [decision.act for decision in wall.decisions] == [Act.PROPOSE, Act.APPLY]
    with pytest.raises(ConfigError, match="no settings are on trial"):
        changes.confirm(WHO)


def test_a_rejected_trial_ends_now(house: House) -> None:
    """At somebody's word."""
    changes, wall = house.daemon()
    changes.try_out(NEW, "new.toml", house.deadline(), WHO)
    changes.take_back("says root", WHO)

    assert wall.settings.arming.hold_s == 7
    assert changes.trial is None
    with pytest.raises(ConfigError, match="no settings are on trial"):
        changes.take_back("says root", WHO)


def test_a_daemon_that_starts_goes_on_with_the_trial(house: House) -> None:
    """Until the same moment, and back to what was before it."""
    first, _ = house.daemon()
    first.try_out(NEW, "new.toml", house.deadline(), WHO)
    house.now_ns += 30 * SECOND_NS
    second, wall = house.daemon()
    assert wall.settings.arming.hold_s == 9
    house.wait(31, second)

    assert wall.settings.arming.hold_s == 7


def test_a_daemon_that_starts_late_begins_with_what_is_confirmed(house: House) -> None:
    """And says so."""
    first, _ = house.daemon()
    first.try_out(NEW, "new.toml", house.deadline(), WHO)
    house.now_ns += 61 * SECOND_NS
    begun = opening(house.sources, house.run, house.now_ns)

    assert begun.settings.arming.hold_s == 7
    assert "took settings from new.toml back" in begun.told
    assert not PendingFile(house.run).exists()


def test_a_trial_that_cannot_begin_leaves_nothing(house: House) -> None:
    """Neither in the machine nor on the disk; it was written down before it was tried."""
    changes, wall = house.daemon()
    there: list[bool] = []
    wall.on_reload = lambda: there.append(PendingFile(house.run).exists())
    wall.broken = True
    with pytest.raises(KernelError):
        changes.try_out(NEW, "new.toml", house.deadline(), WHO)

    assert there == [True]
    assert (changes.trial, PendingFile(house.run).exists()) == (None, False)
    assert wall.settings.arming.hold_s == 7


def test_going_back_does_not_depend_on_interfaces(house: House) -> None:
    """One that is gone meanwhile keeps nothing on trial."""
    changes, wall = house.daemon()
    changes.try_out(NEW, "new.toml", house.deadline(), WHO)
    wall.broken = True
    house.wait(61, changes)

    assert wall.settings.arming.hold_s == 7
    assert changes.trial is None


@pytest.mark.parametrize(
    ("text", "seconds", "said"),
    [
        ("[armng]\n", 60, "unknown key"),
        ("[arming]\nhold_s = 3600\n", 60, "too long"),
        (NEW, 0, "a trial lasts"),
        (NEW, -5, "a trial lasts"),
        (NEW, LONGEST_NS / SECOND_NS + 1, "a trial lasts"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    house: House, text: str, seconds: float, said: str
) -> None:
    """Before anything is written or done."""
    changes, wall = house.daemon()
    with pytest.raises(ConfigError, match=said):
        changes.try_out(text, "new.toml", house.deadline(seconds), WHO)

    assert (wall.decisions, PendingFile(house.run).exists()) == ([], False)


def test_what_a_restart_reads_is_not_put_on_trial(house: House) -> None:
    """Under whatever name."""
    changes, _ = house.daemon()
    link = house.run / "link.toml"
    link.symlink_to(house.file)
    for origin in (house.file, link):
        with pytest.raises(ConfigError, match="what a restart reads"):
            changes.try_out(NEW, str(origin), house.deadline(), WHO)


def test_during_a_trial_nothing_else_changes(house: House) -> None:
    """Neither by another file nor by SIGHUP."""
    changes, wall = house.daemon()
    changes.try_out(NEW, "new.toml", house.deadline(), WHO)
    other = "[arming]\nhold_s = 11\n"
    for call in (
        changes.reload,
        lambda: changes.apply(other, "other.toml", WHO),
        lambda: changes.try_out(other, "other.toml", house.deadline(), WHO),
    ):
        with pytest.raises(ConfigError, match="are on trial"):
            call()

    assert wall.settings.arming.hold_s == 9


def test_applied_settings_are_written_into_the_file(house: House) -> None:
    """And a reload reads them again."""
    changes, wall = house.daemon()
    assert changes.apply(NEW, "new.toml", WHO).trouble == ""
    assert (wall.settings.arming.hold_s, house.file.read_text()) == (9, NEW)
    house.file.write_text(OLD)
    changes.reload()
    assert wall.settings.arming.hold_s == 7


def test_a_file_that_cannot_be_written_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings hold, and somebody else may write them."""

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("floodwall.app.changes.write_text", refuse)
    changes, wall = house.daemon()
    saved = changes.apply(NEW, "new.toml", WHO)

    assert saved.trouble == f"{house.file}: Read-only file system"
    assert wall.settings.arming.hold_s == 9


def test_without_a_file_they_hold_until_the_run_directory_goes(tmp_path: Path) -> None:
    """Which is at the end, not at a death."""
    house = House(tmp_path, with_file=False)
    changes, _ = house.daemon()
    changes.apply(NEW, "new.toml", WHO)
    _, wall = house.daemon()

    assert wall.settings.arming.hold_s == 9
    assert house.file.read_text() == OLD


def test_the_command_line_stays_above_everything(tmp_path: Path) -> None:
    """Also in what the guard would begin with."""
    house = House(tmp_path)
    house.sources = Sources(house.file, ("eth7",), AttachMode.GENERIC)
    changes, wall = house.daemon()
    changes.try_out('[attach]\ninterfaces = ["eth0"]\n', "new.toml", house.deadline(), WHO)
    trial = PendingFile(house.run).read()
    assert trial is not None
    before = sources_of(trial).settle(trial.before, trial.before_origin)

    assert wall.settings.attach.interfaces == ("eth7",)
    assert (before.attach.interfaces, before.attach.mode) == (("eth7",), AttachMode.GENERIC)
    assert before.arming.hold_s == 7


def test_a_guard_at_work_is_not_disturbed(house: House) -> None:
    """Whoever holds the lock takes it back; we come again."""
    changes, wall = house.daemon()
    changes.try_out(NEW, "new.toml", house.deadline(), WHO)
    with PendingFile(house.run).lock():
        again_ns = house.wait(61, changes)
        assert again_ns is not None
        assert house.now_ns < again_ns <= house.deadline(1)
        assert wall.settings.arming.hold_s == 9
    house.wait(0, changes)
    assert wall.settings.arming.hold_s == 7
    assert changes.serve(0, 0) is False
