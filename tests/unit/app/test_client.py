"""The other end of the control socket."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from floodwall.app.client import Client, RefusedError, UnreachableError, merged
from floodwall.app.desk import Verb
from floodwall.app.desk_bans import From
from floodwall.app.peer import Peer, Role
from floodwall.core.errors import NotSupported
from floodwall.core.protocol import SOCKET, ProtocolError, page
from tests.support.fake_daemon import serving


@contextmanager
def answering(run: Path, answer: Callable[[socket.socket], None]) -> Iterator[Path]:
    """Be a daemon that does something else with one connection."""
    path = run / SOCKET
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield path
        finally:
            thread.join()


def rows(_: Peer, asked: From) -> Mapping[str, Any]:
    """Return a page of a list that is longer than a frame."""
    part, more = page(range(100_000), asked.begin)
    return {"rows": part, "next": more, "of": 100_000}


def refuse(_: Peer, __: From) -> Mapping[str, Any]:
    """Refuse whatever is asked."""
    raise NotSupported("not here", hint="elsewhere")


def test_it_asks_and_gets_answers(tmp_path: Path) -> None:
    """One after the other; a list of many pages is put together."""
    with (
        serving(tmp_path, {"rows": Verb(Role.VIEW, From, rows)}),
        Client(tmp_path / SOCKET) as client,
    ):
        assert client.ask("hello")["role"] == "operate"
        whole = merged(client.pages("rows", "rows"), "rows")

    assert whole == {"rows": list(range(100_000)), "of": 100_000}


def test_a_refusal_is_the_daemons_own(tmp_path: Path) -> None:
    """Message, hint and exit code."""
    with (
        serving(tmp_path, {"refuse": Verb(Role.VIEW, From, refuse)}),
        Client(tmp_path / SOCKET) as client,
        pytest.raises(RefusedError, match="not here") as caught,
    ):
        client.ask("refuse")

    assert (caught.value.hint, caught.value.exit_code) == ("elsewhere", 3)


def test_nobody_there_is_told(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(UnreachableError, match="no daemon can be reached") as caught:
        Client(tmp_path / SOCKET)

    assert caught.value.hint == "floodwall run"


def test_a_daemon_that_hangs_is_waited_for_a_while(tmp_path: Path) -> None:
    """Also one that sends a byte now and then."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        while not over.wait(0.05):
            connection.sendall(b"\0")

    with answering(tmp_path, drip) as path, Client(path, patience_s=0.3) as client:
        began = time.monotonic()
        with pytest.raises((UnreachableError, ProtocolError)):
            client.ask("hello")
        over.set()
        assert time.monotonic() - began < 2


def test_a_daemon_that_dies_is_told(tmp_path: Path) -> None:
    """In the middle of an answer."""

    def die(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"\0\0\1\0{")

    with (
        answering(tmp_path, die) as path,
        Client(path) as client,
        pytest.raises(UnreachableError, match="closed the connection"),
    ):
        client.ask("hello")


def test_whoever_may_not_is_told_how_he_could(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's mode refuses before the daemon does."""

    def refuse_(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(socket.socket, "connect", refuse_)
    with pytest.raises(UnreachableError, match="may not speak") as caught:
        Client(tmp_path / SOCKET)

    assert "group floodwall" in caught.value.hint
