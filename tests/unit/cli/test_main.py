"""The entry point."""

import subprocess
import sys

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
    ],
)
def test_errors_are_a_sentence_and_a_code(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, said: str
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
