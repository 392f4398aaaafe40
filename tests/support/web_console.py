"""The real console on a port of loopback, over a daemon that a test writes."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from floodwall.app.client import dial
from floodwall.app.control import Bounds
from floodwall.console.web.server import Place, Server, listen
from floodwall.console.web.tokens import Level, make_token, read_tokens, write_tokens
from floodwall.core.protocol import SOCKET
from tests.support.fake_daemon import serving
from tests.support.fake_desk import FakeDesk

HEAD = {"content-type": "application/json", "x-floodwall": "1"}


@dataclass
class Reply:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def told(self) -> Any:
        """Return the JSON of it."""
        return json.loads(self.body)


@dataclass
class Site:
    """A console that runs."""

    port: int
    daemon: FakeDesk
    operator: str
    viewer: str
    tokens: Path
    end_daemon: Callable[[], None] = lambda: None
    """Let the daemon be gone."""

    @property
    def host(self) -> str:
        """Return how it is called."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"http://{self.host}"

    def ask(
        self,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        method: str = "",
        headers: Mapping[str, str | None] | None = None,
    ) -> Reply:
        """Send one request; a body makes it a POST; a header of None is left out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent: dict[str, str | None] = {"host": self.host, **(HEAD if raw is not None else {})}
        if token:
            sent["authorization"] = f"Bearer {token}"
        sent |= headers or {}
        try:
            connection.request(
                method or ("GET" if raw is None else "POST"),
                path,
                raw,
                {name: value for name, value in sent.items() if value is not None},
            )
            response = connection.getresponse()
            cookies = response.headers.get_all("set-cookie") or []
            return Reply(response.status, dict(response.headers), response.read(), cookies)
        finally:
            connection.close()


@contextmanager
def console(
    folder: Path,
    daemon: FakeDesk | None = None,
    *,
    alone: bool = False,
    socket: Path | None = None,
    bounds: Bounds | None = None,
) -> Iterator[Site]:
    """Run a console over a fake daemon, without one, or over that of a socket."""
    made = daemon or FakeDesk()
    with ExitStack() as stack, ExitStack() as life:
        if not alone and socket is None:
            life.enter_context(serving(folder, made.verbs(), bounds))
        tokens = folder / "tokens.json"
        known = [make_token("anna", Level.OPERATE, "2026-11-21")]
        known.append(make_token("eve", Level.VIEW, "2026-11-21"))
        write_tokens(tokens, [token for token, _ in known])
        place = Place("127.0.0.1", 0, tokens)
        listener = listen(place)
        serve = stack.enter_context(_serving(place, listener, socket or folder / SOCKET))
        yield Site(serve, made, known[0][1], known[1][1], tokens, life.close)


@contextmanager
def _serving(place: Place, listener: Any, socket_: Path) -> Iterator[int]:
    served = Server(place, listener)
    port = int(listener.getsockname()[1])
    thread = threading.Thread(
        target=lambda: served.serve(
            lambda _, patience_s: dial(socket_, patience_s), lambda: read_tokens(place.tokens)
        )
    )
    thread.start()
    try:
        _wait_until_it_answers(port)
        yield port
    finally:
        served.end()
        thread.join(10)
        listener.close()


def _wait_until_it_answers(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/", headers={"host": f"127.0.0.1:{port}"})
            connection.getresponse().read()
        except OSError:
            time.sleep(0.02)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError("the console did not begin to answer")
