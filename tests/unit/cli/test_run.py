"""`floodwall run` hands over what it was told."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from floodwall.app.configure import Sources
from floodwall.app.report import JsonReporter, PlainReporter, Reporter
from floodwall.cli import run as module
from floodwall.cli.main import main
from floodwall.core.settings import AttachMode

Call = tuple[Sources, Reporter, bool]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """Collect what the daemon would get."""
    made: list[Call] = []

    def run(sources: Sources, reporter: Reporter, *, wait: bool) -> None:
        made.append((sources, reporter, wait))

    monkeypatch.setattr(module, "run", run)
    return made


def test_options_become_sources(calls: list[Call]) -> None:
    """Interfaces may be named more than once."""
    words = ["run", "--interface", "a", "--interface", "b", "--config", "f", "--mode", "generic"]
    answer = CliRunner().invoke(main, words)

    assert answer.exit_code == 0
    ((sources, reporter, wait),) = calls
    assert sources == Sources(Path("f"), ("a", "b"), AttachMode.GENERIC)
    assert not wait
    assert isinstance(reporter, PlainReporter)


def test_nothing_needs_to_be_said(calls: list[Call]) -> None:
    """`floodwall run` alone is enough."""
    CliRunner().invoke(main, ["run", "--json", "--wait"])

    ((sources, reporter, wait),) = calls
    assert wait
    assert sources == Sources()
    assert isinstance(reporter, JsonReporter)


def test_an_unknown_mode_is_refused(calls: list[Call]) -> None:
    """Auto is what it is without --mode."""
    assert CliRunner().invoke(main, ["run", "--mode", "auto"]).exit_code == 2
    assert calls == []
