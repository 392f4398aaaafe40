"""What was hardened is taken back to the byte."""

from pathlib import Path

import pytest

from floodwall.app.hardening import Hardening
from floodwall.audit.plan import FILE, Plan, Step
from floodwall.audit.profile import Profile
from floodwall.core.errors import ConfigError, KernelError
from floodwall.kernel import sysctl
from floodwall.store.journal import Journal

COOKIES = "net.ipv4.tcp_syncookies"
MEMORY = "net.ipv4.tcp_rmem"
NEW = "# ours\nnet.ipv4.tcp_syncookies = 1\n"
LATER = 1 << 62


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stand in for /proc/sys."""
    held = {COOKIES: "0", MEMORY: "4096\t131072\t6291456"}
    monkeypatch.setattr(sysctl, "read", held.__getitem__)
    monkeypatch.setattr(sysctl, "write", held.__setitem__)
    return held


def plan(hardening: Hardening, after: str = NEW) -> Plan:
    """Return a plan that switches cookies on."""
    steps = (Step(COOKIES, "0", "1", "why"),)
    return Plan(Profile.WEB, steps, hardening.ours(), after)


def files(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return content and mode of every file below a root, our own state apart."""
    return {
        str(path): (path.read_bytes(), path.stat().st_mode)
        for path in sorted(root.rglob("*"))
        if path.is_file() and "var/lib/floodwall" not in str(path)
    }


@pytest.mark.parametrize("content", [None, "# mine\r\n\nnet.x = 1", ""])
def test_a_rollback_leaves_everything_as_it_was(
    tmp_path: Path, values: dict[str, str], content: str | None
) -> None:
    """With a file before or without, also one without a last line end."""
    file = tmp_path / FILE[1:]
    file.parent.mkdir(parents=True)
    if content is not None:
        file.write_text(content, newline="")
        file.chmod(0o640)
    before = dict(values), files(tmp_path)
    hardening = Hardening(tmp_path)
    told = list(hardening.apply(plan(hardening)))
    assert values[COOKIES] == "1"
    assert file.read_text() == NEW
    assert told == [
        f"set {COOKIES} to 1 (it was 0); put back when 'floodwall harden --rollback' is said",
        f"wrote {FILE}",
    ]
    list(Hardening(tmp_path).rollback())
    assert (values, files(tmp_path)) == before
    assert list(Hardening(tmp_path).rollback()) == []


def test_a_file_that_cannot_be_written_is_told_with_what_was_done(
    tmp_path: Path, values: dict[str, str]
) -> None:
    """On a read-only /etc: what holds until the next boot is said, and taken back exactly."""
    (tmp_path / FILE[1:]).parent.parent.mkdir(parents=True)
    (tmp_path / FILE[1:]).parent.write_text("in the way")
    hardening = Hardening(tmp_path)
    told = list(hardening.apply(Plan(Profile.WEB, (Step(COOKIES, "0", "1", "why"),), None, NEW)))

    assert told[0].startswith(f"set {COOKIES} to 1 (it was 0)")
    assert told[1].startswith(f"could not write {FILE}, at the next boot it ends: ")
    assert hardening.refused == [FILE]
    (tmp_path / FILE[1:]).parent.unlink()
    list(Hardening(tmp_path).rollback())
    assert values[COOKIES] == "0"


def test_a_file_that_cannot_be_ours_is_refused(tmp_path: Path) -> None:
    """It could not be put back to the byte."""
    hardening = Hardening(tmp_path)
    hardening.file.parent.mkdir(parents=True)
    hardening.file.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        hardening.ours()


def test_two_times_lead_back_to_before_the_first(tmp_path: Path, values: dict[str, str]) -> None:
    """Not to what lay between them."""
    hardening = Hardening(tmp_path)
    list(hardening.apply(plan(hardening)))
    list(hardening.apply(plan(hardening, NEW + "net.y = 1\n")))
    list(hardening.rollback())
    assert values[COOKIES] == "0"
    assert hardening.ours() is None


def test_a_new_file_can_be_read_by_everybody(tmp_path: Path, values: dict[str, str]) -> None:
    """So that an audit without root sees it."""
    hardening = Hardening(tmp_path)
    list(hardening.apply(plan(hardening)))
    assert hardening.file.stat().st_mode & 0o777 == 0o644
    assert values[COOKIES] == "1"


def test_what_others_changed_since_is_theirs(tmp_path: Path, values: dict[str, str]) -> None:
    """Neither their value nor their lines are touched."""
    hardening = Hardening(tmp_path)
    list(hardening.apply(plan(hardening)))
    values[COOKIES] = "2"
    hardening.file.write_text("# theirs\n")
    told = list(hardening.rollback())
    assert values[COOKIES] == "2"
    assert hardening.ours() == "# theirs\n"
    assert told == [
        f"left {COOKIES} at 2: somebody else has set it since",
        f"left {FILE}: somebody else has changed it since",
    ]


def test_a_death_in_the_middle_can_be_taken_back(
    tmp_path: Path, values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was changed until then, and nothing else."""
    hardening = Hardening(tmp_path)
    before = dict(values), files(tmp_path)
    steps = (Step(COOKIES, "0", "1", "why"), Step(MEMORY, values[MEMORY], "1 2 3", "why"))
    write = sysctl.write

    def dies(name: str, value: str) -> None:
        if name == MEMORY:
            raise KeyboardInterrupt
        write(name, value)

    monkeypatch.setattr(sysctl, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        list(hardening.apply(Plan(Profile.WEB, steps, None, NEW)))
    assert values[COOKIES] == "1"
    monkeypatch.setattr(sysctl, "write", write)
    list(Hardening(tmp_path).rollback())
    assert (values, files(tmp_path)) == before


def test_what_the_kernel_refuses_stops_nothing_else(
    tmp_path: Path, values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container some sysctls are read-only."""
    hardening = Hardening(tmp_path)
    steps = (Step(MEMORY, values[MEMORY], "1 2 3", "why"), Step(COOKIES, "0", "1", "why"))
    write = sysctl.write

    def refuses(name: str, value: str) -> None:
        if name == MEMORY:
            raise KernelError(f"write sysctl {name}: Permission denied")
        write(name, value)

    monkeypatch.setattr(sysctl, "write", refuses)
    told = list(hardening.apply(Plan(Profile.WEB, steps, None, NEW)))
    assert told[0] == f"could not set {MEMORY}: write sysctl {MEMORY}: Permission denied"
    assert hardening.refused == [MEMORY]
    assert (values[COOKIES], hardening.ours()) == ("1", NEW)
    list(hardening.rollback())
    assert (values[COOKIES], hardening.ours()) == ("0", None)


def test_a_trial_changes_no_file(tmp_path: Path, values: dict[str, str]) -> None:
    """A reboot takes it back; its end too, and nothing that was kept before."""
    hardening = Hardening(tmp_path)
    list(hardening.begin_trial(plan(hardening), LATER))
    assert (values[COOKIES], hardening.ours()) == ("1", None)
    assert hardening.trial_deadline_ns() == LATER
    with pytest.raises(ConfigError, match="on trial already"):
        list(hardening.begin_trial(plan(hardening), LATER))
    list(hardening.end_trial())
    assert (values[COOKIES], hardening.trial_deadline_ns()) == ("0", None)


def test_what_is_kept_is_written_and_can_be_rolled_back(
    tmp_path: Path, values: dict[str, str]
) -> None:
    """As if there had been no trial."""
    hardening = Hardening(tmp_path)
    list(hardening.begin_trial(plan(hardening), LATER))
    assert list(hardening.keep()) == ["kept what was on trial", f"wrote {FILE}"]
    assert list(hardening.end_trial()) == []
    assert (values[COOKIES], hardening.ours()) == ("1", NEW)
    list(hardening.rollback())
    assert (values[COOKIES], hardening.ours()) == ("0", None)


def test_a_trial_of_another_boot_is_over(tmp_path: Path, values: dict[str, str]) -> None:
    """Its clock and its values are gone."""
    hardening = Hardening(tmp_path)
    list(hardening.begin_trial(plan(hardening), LATER))
    trial = hardening.state / "trial.json"
    trial.write_text(trial.read_text().replace('"boot": "', '"boot": "x'))
    values[COOKIES] = "0"
    with pytest.raises(ConfigError, match="nothing is on trial"):
        list(hardening.keep())
    list(hardening.begin_trial(plan(hardening), LATER))
    assert values[COOKIES] == "1"


def test_only_one_is_at_work(tmp_path: Path) -> None:
    """A second one is refused, and told."""
    with (
        Hardening(tmp_path).locked(),
        pytest.raises(ConfigError, match="at work"),
        Hardening(tmp_path).locked(),
    ):
        raise AssertionError
    with Hardening(tmp_path).locked():
        pass


def test_everything_is_in_the_journal(tmp_path: Path, values: dict[str, str]) -> None:
    """With its time."""
    hardening = Hardening(tmp_path)
    told = [*hardening.apply(plan(hardening)), *hardening.rollback()]
    assert [entry.text for entry in Journal(hardening.state).entries()] == told
    assert len(told) == 4
    assert values[COOKIES] == "0"
