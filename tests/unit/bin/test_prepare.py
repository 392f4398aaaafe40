"""What bin/prepare.sh does on a machine where something is missing, half made or busy."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.tree import ROOT

# Stands in for the downloads: slow enough that two at once would meet.
MAKE = """
make_environment() {
    printf 'made\\n' >>"$clone/made"
    sleep 0.2
    mkdir -p "$environment/bin"
    ln -sf /bin/sh "$environment/bin/python"
    readlink -f "$environment/bin/python" >"$environment/ready"
}
"""
PREPARE = 'prepare_environment "$clone/requirements.lock"; printf "%s\\n" "$environment"'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make the part of a clone that the script looks at."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    (tmp_path / "requirements.lock").write_text("click==8.1.0\n")
    (tmp_path / "requirements-console.lock").write_text("starlette==1.0.0\n")
    return tmp_path


def script(clone: Path, commands: str) -> list[str]:
    """Return the command line of a shell that has the script's functions."""
    head = f"set -eu; clone={clone}; . {ROOT}/bin/prepare.sh"
    return ["sh", "-c", f"{head}\n{commands}"]


def run(clone: Path, commands: str) -> subprocess.CompletedProcess[str]:
    """Run commands behind the script, as bin/floodwall does."""
    return subprocess.run(
        script(clone, commands), capture_output=True, text=True, check=False, timeout=30
    )


def made(clone: Path) -> int:
    """Count how often an environment was made."""
    return len((clone / "made").read_text().splitlines())


def test_an_environment_is_made_once(clone: Path) -> None:
    """The second start finds it, and says nothing."""
    first = run(clone, MAKE + PREPARE)
    second = run(clone, MAKE + PREPARE)
    assert first.stdout == second.stdout
    assert second.stderr == ""
    assert made(clone) == 1


def test_other_pins_are_another_environment(clone: Path) -> None:
    """So an update takes no files from a daemon that runs."""
    first = run(clone, MAKE + PREPARE)
    (clone / "requirements.lock").write_text("click==8.2.0\n")
    second = run(clone, MAKE + PREPARE)
    assert first.stdout != second.stdout
    assert made(clone) == 2


def test_a_half_made_environment_is_made_again(clone: Path) -> None:
    """Its mark is missing, for the mark is written last."""
    place = Path(run(clone, MAKE + PREPARE).stdout.strip())
    (place / "ready").unlink()
    run(clone, MAKE + PREPARE)
    assert made(clone) == 2


def test_an_environment_of_another_python_is_made_again(clone: Path) -> None:
    """As after an upgrade of the distribution."""
    place = Path(run(clone, MAKE + PREPARE).stdout.strip())
    (place / "ready").write_text("/usr/bin/python3.0\n")
    run(clone, MAKE + PREPARE)
    assert made(clone) == 2


def test_two_starts_at_once_wait_for_each_other(clone: Path) -> None:
    """One makes, the other says that it waits, and both go on."""
    starts = [
        subprocess.Popen(
            script(clone, MAKE + PREPARE),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [start.communicate(timeout=30) for start in starts]
    assert [start.returncode for start in starts] == [0, 0]
    assert outputs[0][0] == outputs[1][0]
    assert made(clone) == 1
    assert "another start is preparing" in outputs[0][1] + outputs[1][1]


def test_a_clone_that_cannot_be_written_uses_a_cache(clone: Path) -> None:
    """The user's own, or the machine's for root."""
    where = 'clone=/nowhere; choose_place x; printf "%s\\n" "$place"'
    user = run(clone, f"is_root() {{ return 1; }}; XDG_CACHE_HOME=/c; {where}")
    assert user.stdout == "/c/floodwall\n"
    root = run(clone, f"is_root() {{ :; }}; {where}")
    assert root.stdout == "/var/cache/floodwall\n"


def test_a_step_that_fails_shows_what_it_said(clone: Path) -> None:
    """And its status is that of the command."""
    done = run(clone, "step 'trying' sh -c 'echo no space left; exit 7' || echo $?")
    assert done.stdout == "7\n"
    assert done.stderr == "floodwall: trying ...\n  | no space left\n"


def test_a_user_is_told_what_root_would_install(clone: Path) -> None:
    """Exit code 3: a privilege is missing."""
    done = run(clone, "is_root() { return 1; }; install_packages 'the lab' nginx-light")
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "floodwall: missing for the lab: nginx-light",
        "  hint: run it once with sudo, it installs them",
    ]


def test_another_distribution_is_told_the_names(clone: Path) -> None:
    """Where there is no apt-get, nothing is guessed."""
    done = run(clone, "is_root() { :; }; PATH=/nowhere; install_packages 'the lab' nginx-light")
    assert done.returncode == 3
    assert "these are Debian's names" in done.stderr


def test_a_server_that_exists_is_not_installed(clone: Path) -> None:
    """Only what is missing is fetched."""
    done = run(clone, "install_packages() { echo installed; }; install_idle_server lab sh none")
    assert done.stdout == ""


def test_only_missing_commands_are_installed(clone: Path) -> None:
    """All of them in one go."""
    stub = 'install_packages() { echo "$@"; }'
    done = run(clone, f"{stub}; install_commands 'the tests' sh:dash no1:one cat:coreutils no2:two")
    assert done.stdout == "the tests one two\n"


@pytest.mark.parametrize(
    "line", ["console", "top --json", "metrics", "alerts test", "run --console"]
)
def test_a_verb_of_the_console_asks_for_its_packages(clone: Path, line: str) -> None:
    """And no other needs to wait for them."""
    assert run(clone, f"wants_console {line}").returncode == 0


@pytest.mark.parametrize("line", ["", "status", "run", "console --help", "ban --reason --console"])
def test_no_other_verb_asks_for_them(clone: Path, line: str) -> None:
    """Help needs none either."""
    assert run(clone, f"if wants_console {line}; then exit 9; fi").returncode == 0


PIP = """
install_pinned() { printf '%s\\n' "$1" >>"$clone/pinned"; }
prepare_console
"""


def test_the_packages_of_the_console_are_added_once(clone: Path) -> None:
    """To the environment that is there; later starts need no index."""
    for _ in range(2):
        assert run(clone, MAKE + PREPARE + PIP).returncode == 0
    assert (clone / "pinned").read_text() == f"{clone}/requirements-console.lock\n"
    assert made(clone) == 1


def test_packages_that_cannot_be_had_are_told_and_asked_for_again(clone: Path) -> None:
    """Exit code 3 and a way out; nothing half made is taken for whole."""
    broken = (
        "install_pinned() { fail 'could not install the Python packages' 'is there an index?'; }"
    )
    done = run(clone, f"{MAKE}{PREPARE}\n{broken}\nprepare_console")
    assert done.returncode == 3
    assert "hint: is there an index?" in done.stderr
    assert run(clone, MAKE + PREPARE + PIP).returncode == 0
    assert (clone / "pinned").exists()


def test_other_packages_of_the_console_are_another_environment(clone: Path) -> None:
    """So an update takes no files from a console that runs."""
    first = run(clone, MAKE + PREPARE)
    (clone / "requirements-console.lock").write_text("starlette==1.0.1\n")
    assert first.stdout != run(clone, MAKE + PREPARE).stdout
