"""A standard output that somebody reads slowly, or not at all."""

from __future__ import annotations

import os
import pty
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

import pytest

from floodwall.app.outlet import ROOM_BYTES, Outlet, Screen
from floodwall.app.report import PlainReporter, make_reporter


@dataclass
class Reader:
    """The other end of the standard output."""

    fd: int

    def lines(self) -> list[str]:
        """Read what is there."""
        os.set_blocking(self.fd, False)
        raw = b""
        while True:
            try:
                part = os.read(self.fd, 1 << 20)
            except BlockingIOError:
                return raw.decode().splitlines(keepends=True)
            raw += part


@contextmanager
def piped() -> Iterator[Reader]:
    """Let the standard output be a pipe that nobody reads by itself."""
    read, write = os.pipe()
    reader = Reader(read)
    with os.fdopen(write, "w", encoding="utf-8") as stream, redirect_stdout(stream):
        yield reader
    os.close(reader.fd)


def test_lines_arrive() -> None:
    """Whole, and in order."""
    outlet = Outlet()
    with piped() as reader:
        outlet.write("one")
        outlet.write("two ä")
        assert reader.lines() == ["one\n", "two ä\n"]


def test_nobody_waits_for_a_slow_reader(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines without room are left out; those that arrive are whole, and more follow later."""
    outlet = Outlet()
    with piped() as reader:
        began = time.monotonic()
        for number in range(20_000):
            outlet.write(f"{number:6} {'x' * 100}")
        assert time.monotonic() - began < 5
        heard = reader.lines()
        for _ in range(100):
            outlet.write("later")
            heard += reader.lines()
        outlet.close()

    whole = "".join(heard).splitlines()
    numbered = [line for line in whole if line.endswith("x")]
    assert all(len(line) == 107 for line in numbered)
    assert [int(line[:6]) for line in numbered] == list(range(len(numbered)))
    assert ROOM_BYTES // 108 < len(numbered) < 20_000
    assert "nobody read" in capsys.readouterr().err


def test_a_reader_that_went_away_is_nothing() -> None:
    """The defence goes on."""
    outlet = Outlet()
    with piped() as reader:
        os.close(reader.fd)
        outlet.write("unheard")
        outlet.close()
        reader.fd = os.open(os.devnull, os.O_RDONLY)  # there must be something to close


def test_within_a_process_nothing_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """As in tests, and under a console."""
    Outlet().write("at once")

    assert capsys.readouterr().out == "at once\n"


@contextmanager
def on_a_terminal() -> Iterator[int]:
    """Let the standard output be a terminal that nobody reads; yield its other end."""
    other, ours = pty.openpty()
    with os.fdopen(ours, "w", encoding="utf-8") as stream, redirect_stdout(stream):
        yield other


def test_nobody_waits_for_a_terminal() -> None:
    """Nor does anybody who shares it: it stays as it was for the shell."""
    with on_a_terminal() as other:
        screen = Screen()
        began = time.monotonic()
        for number in range(2000):
            screen.write(f"\x1b[2K{number:6} {'x' * 100}\n")
            screen.flush()
        shared = os.get_blocking(sys.stdout.fileno())
        screen.close()
        took = time.monotonic() - began
        heard = os.read(other, 1 << 20).decode()
        os.close(other)

    assert took < 5
    assert shared
    assert heard.startswith("\x1b[2K     0 x")


def test_a_terminal_that_hung_up_is_nothing() -> None:
    """As when an SSH session is lost: the defence goes on."""
    with on_a_terminal() as other:
        screen = Screen()
        screen.write("heard")
        screen.flush()
        os.close(other)
        screen.write("unheard")
        screen.flush()
        watched = screen.isatty()
        screen.close()

    assert not watched


def test_without_any_standard_output_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """`floodwall run >&-`."""
    monkeypatch.setattr(sys, "stdout", None)
    Outlet().write("unheard")
    reporter = make_reporter(as_json=False)
    reporter.event("unheard")
    reporter.close()

    assert isinstance(reporter, PlainReporter)
