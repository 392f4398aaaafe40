"""How the daemon speaks."""

import json
import os
import re
import sys

import pytest

from floodwall.app.report import JsonReporter, LiveReporter, PlainReporter, Reporter, make_reporter
from floodwall.core.plan import make_plan
from floodwall.core.summary import Totals, summarize
from tests.support.playbook import Playbook, listener, quiet


def speak(reporter: Reporter) -> None:
    """Say one of each."""
    seen = quiet(1, targets=(listener(),))
    state = (Playbook() >> seen).state
    reporter.plan(make_plan(state, ()))
    reporter.second(summarize(state, seen, Totals(), 1))
    reporter.event("something [happened]")
    reporter.close()


def test_plain_lines_have_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    """One fact a line."""
    speak(PlainReporter())
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("protects    *:80  own cookies")
    assert re.match(r"\d\d:\d\d:\d\d  calm   1 service  0 SYN/s", lines[-2])
    assert re.fullmatch(r"\d\d:\d\d:\d\d  something \[happened\]", lines[-1])


def test_json_lines_say_their_kind(capsys: pytest.CaptureFixture[str]) -> None:
    """For programs."""
    speak(JsonReporter())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [line["kind"] for line in lines] == ["plan", "second", "event"]
    assert lines[1]["state"] == "calm"
    assert lines[2]["text"] == "something [happened]"


def test_a_terminal_shows_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets are not markup."""
    speak(LiveReporter())
    said = capsys.readouterr().out

    assert "something [happened]" in said
    assert "calm   1 service" in said


def test_the_other_side_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON if asked for; else by whether a person watches."""
    assert isinstance(make_reporter(as_json=True), JsonReporter)
    assert isinstance(make_reporter(as_json=False), PlainReporter)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    live = make_reporter(as_json=False)
    live.close()
    assert isinstance(live, LiveReporter)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(make_reporter(as_json=False), PlainReporter)


def test_a_reader_that_went_away_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """`floodwall run | head` goes on defending."""
    read, write = os.pipe()
    os.close(read)
    with open(write, "w", encoding="utf-8") as broken:  # noqa: PTH123  a descriptor has no path
        monkeypatch.setattr(sys, "stdout", broken)
        PlainReporter().event("unheard")
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), write)
