"""`floodwall harden` shows its plan first, and asks."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from floodwall.audit.plan import FILE
from floodwall.cli.main import main
from floodwall.fleet.harden_script import STATE


def run(root: Path, *arguments: str) -> Result:
    """Run the verb with an /etc of its own; nothing here may change a sysctl."""
    return CliRunner().invoke(main, ["harden", "--root", str(root), *arguments])


def test_a_dry_run_shows_the_plan_and_changes_nothing(tmp_path: Path) -> None:
    """Exit code 1: there is something to do, for no machine has 10 million by default."""
    result = run(tmp_path, "--dry-run", "--load", "10000000", "--json")
    plan = json.loads(result.stdout)["plan"]
    assert result.exit_code == 1
    assert plan["file"] == FILE
    assert plan["steps"]
    assert all(step["why"] for step in plan["steps"])
    assert list(tmp_path.iterdir()) == []


def test_the_plan_is_told_in_lines(tmp_path: Path) -> None:
    """Runtime, file, and what is kept."""
    result = run(tmp_path, "--dry-run", "--load", "10000000")
    assert "runtime  net.core.somaxconn: " in result.stdout
    assert f"         in {FILE}" in result.stdout


def test_without_a_terminal_it_asks_for_yes(tmp_path: Path) -> None:
    """A script must say that it means it."""
    result = run(tmp_path, "--load", "10000000")
    assert result.exit_code == 2
    assert "nobody is here to ask" in result.stderr


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """What is in it might win at the next boot."""
    (tmp_path / "etc/sysctl.d/x.conf").mkdir(parents=True)
    result = run(tmp_path, "--dry-run")
    assert result.exit_code == 3
    assert "cannot tell what is set at boot" in result.stderr


def test_nothing_to_keep_or_take_back_is_said(tmp_path: Path) -> None:
    """One line each."""
    assert run(tmp_path, "--rollback").stdout == "nothing was changed here\n"
    kept = run(tmp_path, "--keep")
    assert (kept.exit_code, "nothing is on trial" in kept.stderr) == (2, True)
    both = run(tmp_path, "--keep", "--rollback")
    assert (both.exit_code, "stand alone" in both.stderr) == (2, True)


def test_what_was_done_over_ssh_is_taken_back_at_the_console(tmp_path: Path) -> None:
    """And until then nothing of our own is put upon it."""
    state = tmp_path / STATE[1:]
    state.mkdir(parents=True)
    value = tmp_path / "value"
    value.write_text("1\n")
    (state / "kept").write_text(f"{value}\t0\t1\n")
    for arguments in (("--load", "10000000", "--yes"), ("--keep",)):
        refused = run(tmp_path, *arguments)
        assert (refused.exit_code, "hardened over SSH" in refused.stderr) == (2, True)
    assert run(tmp_path, "--rollback").stdout == f"put {value} back to 0\n"
    assert (value.read_text(), state.exists()) == ("0\n", False)


def test_a_trial_of_no_length_is_refused(tmp_path: Path) -> None:
    """Before anything is looked at."""
    refused = run(tmp_path, "--yes", "--confirm", "0")
    assert (refused.exit_code, "1s to 1d" in refused.stderr) == (2, True)
