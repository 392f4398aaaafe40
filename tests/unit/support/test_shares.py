"""Several processes share the tests among them."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests import conftest, rungs
from tests.rungs import Tally
from tests.support import leaks
from tests.support.tree import sources

JUNIT = '<testsuites><testsuite tests="3" failures="1" errors="0" skipped="0"/></testsuites>'


def taken(share: tuple[int, int], tests: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the tests, of a file and a function each, that a process with this share runs."""

    def marker(_name: str) -> None:
        return None

    items: list[Any] = [
        SimpleNamespace(path=Path(path), name=name, originalname=name, get_closest_marker=marker)
        for path, name in tests
    ]
    config = SimpleNamespace(getoption=lambda _name: share)
    conftest.pytest_collection_modifyitems(cast("pytest.Config", config), items)
    return [(str(item.path), item.originalname) for item in items]


@pytest.mark.parametrize("shares", [1, 2, 7])
def test_every_test_belongs_to_one_share(shares: int) -> None:
    """None is left out, none is run twice, and nobody has nearly all of them."""
    tests = [(path, f"test_{one}") for path in sources("tests/unit/**/test_*.py") for one in "ab"]
    parts = [taken((share, shares), tests) for share in range(shares)]

    assert sorted(one for part in parts for one in part) == sorted(tests)
    assert max(map(len, parts)) < 2 * len(tests) / shares


def test_the_cases_of_a_function_stay_together() -> None:
    """What they share is made once."""
    cases = [("test_fuzz.py", "test_it")] * 9
    assert sorted(len(taken((share, 2), cases)) for share in range(2)) == [0, 9]


def test_the_outcomes_of_all_shares_are_added(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that wrote no report has failed."""

    def start(command: list[str], **_options: object) -> SimpleNamespace:
        report = next(one for one in command if one.startswith("--junitxml="))
        if "--share=1/3" not in command:
            Path(report.removeprefix("--junitxml=")).write_text(JUNIT)
        return SimpleNamespace(wait=lambda: 0)

    monkeypatch.setattr(rungs, "REPORTS", tmp_path)
    monkeypatch.setattr(subprocess, "Popen", start)

    assert rungs.shared_rung("unit", 3, "-m", "not root") == Tally(4, 3)


def test_what_all_of_them_leave_behind_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One process cannot tell what is another's; each has a /run of its own."""
    commands: list[list[str]] = []

    def start(command: list[str], **_options: object) -> SimpleNamespace:
        commands.append(command)
        report = next(one for one in command if one.startswith("--junitxml="))
        Path(report.removeprefix("--junitxml=")).write_text(JUNIT)
        return SimpleNamespace(wait=lambda: 0)

    monkeypatch.setattr(rungs, "REPORTS", tmp_path)
    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr(leaks, "take_inventory", lambda **_: {})
    monkeypatch.setattr(leaks, "wait_until_clean", lambda _: ["BPF prog 7"])

    assert rungs.shared_rung("dataplane", 2, apart=True) == Tally(4, 3)
    assert "left behind: BPF prog 7" in capsys.readouterr().out
    assert {tuple(command[: len(rungs.APART)]) for command in commands} == {rungs.APART}
