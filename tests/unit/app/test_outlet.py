"""A standard output that somebody reads slowly, or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

import pytest

from floodwall.app.outlet import ROOM_BYTES, Outlet


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
