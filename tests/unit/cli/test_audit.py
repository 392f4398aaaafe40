"""`floodwall audit` prints, writes and exits as a script expects it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.audit.recorder import recorder
from floodwall.cli.audit import command
from floodwall.cli.main import main
from tests.support.sarif import sarif_faults

MACHINES = Path(__file__).parents[1] / "audit/machines"
BAD = str(MACHINES / "3.16.txt")


def run(*arguments: str) -> Result:
    """Run the verb through the entry point."""
    return CliRunner().invoke(main, ["audit", *arguments])


def test_this_machine_is_audited_without_root() -> None:
    """Whatever it finds, it can tell it."""
    result = CliRunner().invoke(command, ["--json", "--fail-on", "never"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["schema"] == "floodwall.audit/1"


@pytest.mark.parametrize(
    ("machine", "severity", "code"),
    [("3.16", "critical", 1), ("6.18", "high", 0), ("6.18", "medium", 1), ("3.16", "never", 0)],
)
def test_the_exit_code_is_of_the_chosen_severity(machine: str, severity: str, code: int) -> None:
    """So that a pipeline fails on what matters to it."""
    result = run("--recorded", str(MACHINES / f"{machine}.txt"), "--fail-on", severity)
    assert result.exit_code == code


def test_a_baseline_is_written_with_a_reason_and_holds(tmp_path: Path) -> None:
    """What is accepted fails no pipeline; a new finding does."""
    known = tmp_path / "known.toml"
    assert run("--recorded", BAD, "--write-baseline", str(known)).exit_code == 2
    written = run("--recorded", BAD, "--write-baseline", str(known), "--reason", "it goes in May")
    assert written.exit_code == 1
    accepted = run("--recorded", BAD, "--baseline", str(known), "--fail-on", "info")
    assert accepted.exit_code == 0, accepted.output
    assert "accepted  syncookies: it goes in May" in accepted.output
    other = str(MACHINES / "3.10.txt")
    assert run("--recorded", other, "--baseline", str(known)).exit_code == 1


def test_a_baseline_expires(tmp_path: Path) -> None:
    """After its span."""
    known = tmp_path / "known.toml"
    run("--recorded", BAD, "--write-baseline", str(known), "--reason", "r", "--for", "0")
    old = known.read_text().replace("until = 20", "until = 19")
    known.write_text(old)
    result = run("--recorded", BAD, "--baseline", str(known))
    assert result.exit_code == 1
    assert "expired   syncookies" in result.output


def test_files_are_written_for_browsers_and_scanners(tmp_path: Path) -> None:
    """HTML and SARIF."""
    page, log = tmp_path / "a.html", tmp_path / "a.sarif"
    run("--recorded", BAD, "--html", str(page), "--sarif", str(log))
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert list(sarif_faults(json.loads(log.read_text()))) == []


def test_what_cannot_be_read_is_one_line_and_a_hint(tmp_path: Path) -> None:
    """Neither a trace nor a verdict."""
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    nothing = run("--recorded", str(empty))
    assert nothing.exit_code == 3
    assert "nothing of this machine could be read" in nothing.stderr
    broken = tmp_path / "broken.toml"
    broken.write_text("[[accepted]]\ncheck = 'x'\n")
    result = run("--baseline", str(broken))
    assert result.exit_code == 2
    assert "there is no check 'x'" in result.stderr


def test_the_recorder_is_printed_for_a_shell_elsewhere() -> None:
    """It does not look at this machine."""
    assert run("--recorder").stdout == recorder()
    missing = run("--recorded", "/nowhere.txt")
    assert (missing.exit_code, "cannot read /nowhere.txt" in missing.stderr) == (2, True)


def test_an_archive_that_would_be_cut_is_refused(tmp_path: Path) -> None:
    """A part of a machine must not pass for the whole."""
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate((64 << 20) + 1)
    result = run("--recorded", str(large))
    assert result.exit_code == 2
    assert "too large" in result.stderr
