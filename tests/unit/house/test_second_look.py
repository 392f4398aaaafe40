"""Bad luck is forgiven once and told; what fails always, often or without luck is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.second_look import MOST

ROOT = Path(__file__).parents[3]
HEAD = """
import pytest
from pathlib import Path

def unlucky(name, times):
    path = Path(name)
    tries = len(path.read_text()) if path.exists() else 0
    path.write_text("x" * (tries + 1))
    assert tries >= times, "bad luck"
"""


def run(folder: Path, tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests with the plugin, away from our own settings."""
    (folder / "test_it.py").write_text(HEAD + tests, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.second_look",
               "-p", "no:cacheprovider", "-W", "ignore", "test_it.py"]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_bad_luck_is_forgiven_once_and_told(tmp_path: Path) -> None:
    """The first failure is in the summary."""
    done = run(tmp_path, "@pytest.mark.live\ndef test_a():\n    unlucky('a', 1)\n")

    assert done.returncode == 0, done.stdout
    assert "failed at first, and were run once more" in done.stdout
    assert "AssertionError: bad luck" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("mark", "times"), [("@pytest.mark.live", 2), ("", 1)])
def test_what_fails_twice_or_is_not_live_fails(tmp_path: Path, mark: str, times: int) -> None:
    """Two failures are not luck, and a pure test has none."""
    done = run(tmp_path, f"{mark}\ndef test_a():\n    unlucky('a', {times})\n")

    assert done.returncode == 1
    assert "1 failed" in done.stdout


@pytest.mark.slow
def test_there_are_few_second_looks(tmp_path: Path) -> None:
    """Who fails often has no bad luck, but a fault."""
    done = run(tmp_path, "@pytest.mark.live\n@pytest.mark.parametrize('n', range(9))\n"
               "def test_a(n):\n    unlucky(str(n), 1)\n")  # fmt: skip

    assert f"{9 - MOST} failed, {MOST} passed" in done.stdout
