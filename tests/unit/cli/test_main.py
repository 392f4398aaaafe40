"""The entry point."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from floodwall import __version__
from floodwall.cli import main as module
from floodwall.cli.main import main
from floodwall.core.errors import ConfigError, FloodwallError, KernelError, NotSupported


def verbs() -> list[str]:
    """Return the names of all verbs."""
    assert isinstance(main, click.Group)
    return main.list_commands(click.Context(main))


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_explains_itself(verb: str) -> None:
    """With what it does, its options, and examples."""
    answer = CliRunner().invoke(main, [verb, "--help"])

    assert answer.exit_code == 0
    assert f"floodwall {verb}" in answer.output or f"Usage: main {verb}" in answer.output
    assert verb == "lab" or "Examples:" in answer.output


def test_the_help_lists_verbs_and_exit_codes() -> None:
    """What a newcomer reads first."""
    answer = CliRunner().invoke(main, ["--help"])

    assert all(f"  {verb} " in answer.output for verb in verbs())
    assert "Exit codes: 0 fine, 1 a finding, 2 usage or settings, 3 missing" in answer.output


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ConfigError("wrong", hint="do this"), 2, "floodwall: wrong\nhint: do this\n"),
        (KernelError("refused"), 3, "floodwall: refused\n"),
        (NotSupported("missing"), 3, "floodwall: missing\n"),
        (PermissionError(13, "Permission denied"), 3, "hint: run as root"),
        (OSError(5, "Input/output error", "/x"), 3, "floodwall: /x: Input/output error\n"),
        (OSError(28, "No space left on device"), 3, "hint: make room"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, "Broken pipe"), 141, ""),
    ],
)
def test_errors_are_a_sentence_and_a_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    """Never a traceback."""

    @click.command()
    def broken() -> None:
        raise error

    monkeypatch.setattr(module.Verbs, "get_command", lambda *_: broken)
    answer = CliRunner().invoke(main, ["run"])

    assert answer.exit_code == code
    assert said in answer.stderr
    assert answer.stdout == ""


def test_our_own_mistakes_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug shows where it is."""

    @click.command()
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(module.Verbs, "get_command", lambda *_: broken)

    assert isinstance(CliRunner().invoke(main, ["run"]).exception, ZeroDivisionError)
    assert not issubclass(ZeroDivisionError, FloodwallError)


def test_an_unknown_verb_is_a_mistake_of_usage() -> None:
    """Exit code 2."""
    assert CliRunner().invoke(main, ["fly"]).exit_code == 2


def test_it_runs_as_a_module() -> None:
    """`python -m floodwall` is the same command line."""
    answer = subprocess.run(
        [sys.executable, "-m", "floodwall", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout == f"floodwall, version {__version__}\n"


def test_a_verb_imports_only_what_it_needs() -> None:
    """`floodwall off` is not made slower by the lab, nor by settings."""
    code = "import sys, floodwall.cli.off; print({'numpy', 'pydantic'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout == "set()\n"


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("settings",), ("settings", "--toml"), ("--help",)])
def test_who_cannot_be_heard_has_no_finding(arguments: tuple[str, ...]) -> None:
    """A full disk is told in a sentence, a reader that went away is not; no 1 for either."""
    command = [sys.executable, "-m", "floodwall", *arguments]
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    unheard = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert unheard.stdout
    assert unheard.stderr
    unheard.stdout.close()

    assert told.returncode == 3
    assert told.stderr.splitlines()[0] == "floodwall: No space left on device"
    assert "Traceback" not in told.stderr
    assert (unheard.stderr.read(), unheard.wait()) == ("", 141)
    unheard.stderr.close()
