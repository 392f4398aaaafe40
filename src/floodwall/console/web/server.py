"""Serves the console: listens, gives up what power it has, and answers until it is told to end."""

import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from floodwall.app.client import Client, Dialler, dial
from floodwall.audit.document import as_json as audit_document
from floodwall.audit.machine import Machine
from floodwall.audit.reader import read_facts
from floodwall.audit.report import audit
from floodwall.console.feed import PATIENCE_S, Feed
from floodwall.console.web.api import Context
from floodwall.console.web.app import Door, make_app
from floodwall.console.web.asker import Asker, Cached
from floodwall.console.web.files import read_files
from floodwall.console.web.guard import Names
from floodwall.console.web.hub import Hub
from floodwall.console.web.patience import PatientProtocol
from floodwall.console.web.tokens import Token, read_tokens
from floodwall.console.web.usher import Usher, separate
from floodwall.core.errors import ConfigError
from floodwall.core.protocol import SOCKET
from floodwall.kernel.bpffs import run_directory
from floodwall.kernel.privileges import find_user
from floodwall.sense.processes import socket_owners

USER = "floodwall-console"
AUDIT_LASTS_S = 60.0
CONNECTIONS_MAX = 600
HEAD_BYTES = 16 * 1024
KEEP_ALIVE_S, END_S = 15, 2
NICENESS = 10
_SEND_BYTES = 128 * 1024

# Imported when they are first used, which may be when they cannot be read any more: a clone below
# /root is closed to the console's user.
_LATE = (
    "anyio._backends._asyncio",
    "asyncio",
    "concurrent.futures.thread",
    "encodings.idna",
    "http.cookies",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how it is served."""

    host: str
    port: int
    tokens: Path
    names: tuple[str, ...] = ()
    user: str = ""
    certificate: Path | None = None
    key: Path | None = None


def listen(place: Place) -> socket.socket:
    """Open the listening socket, or raise ConfigError."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # What a viewer does not read waits here: it must not be much.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
        made.bind((place.host, place.port))
        made.listen(256)
    except OSError as error:
        made.close()
        raise ConfigError(
            f"cannot listen on {place.host} port {place.port}: {error.strerror}",
            hint="another console may run; --listen names another place",
        ) from error
    return made


def run(place: Place, listener: socket.socket) -> int:
    """Serve until SIGINT or SIGTERM, without root; return an exit code."""
    control = run_directory() / SOCKET
    server = Server(place, listener)
    os.nice(NICENESS)
    if os.geteuid() != 0:
        server.serve(dial, lambda: read_tokens(place.tokens))
        return 0
    user = find_user(place.user, USER) if place.user else find_user(USER)
    if place.user and user.name != place.user:
        raise ConfigError(f"there is no user {place.user}", hint=f"useradd --system {USER}")

    def serve(usher: Usher) -> None:
        server.serve(usher.connect, usher.tokens)

    return separate(user, control, place.tokens, serve)


class Server:
    """A server whose modules are loaded and whose socket is open before any power is given up."""

    def __init__(self, place: Place, listener: socket.socket) -> None:
        """Prepare all that needs files which only root may read."""
        self._listener = listener
        self._secure = place.certificate is not None
        self._names = Names(place.host, listener.getsockname()[1], place.names)
        self._app: ASGIApp | None = None
        self._files = read_files()
        for name in _LATE:
            import_module(name)
        self._config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            http=PatientProtocol,
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS_MAX,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=END_S,
            h11_max_incomplete_event_size=HEAD_BYTES,
            ssl_certfile=place.certificate,
            ssl_keyfile=place.key,
        )
        try:
            self._config.load()
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"cannot use {place.certificate}: {error.strerror}") from error
        self._server = uvicorn.Server(self._config)

    def serve(self, dialler: Dialler, tokens: Callable[[], tuple[Token, ...]]) -> None:
        """Answer until the end."""

        def connect() -> Client:
            return Client(patience_s=PATIENCE_S, dialler=dialler)

        context = Context(Hub(Feed(connect)), Asker(connect), Cached(_audit, AUDIT_LASTS_S))
        door = Door(tokens, secure=self._secure)
        self._app = make_app(context, door, self._names, self._files)
        if threading.current_thread() is threading.main_thread():
            # uvicorn raises the signal again when it has ended; to us it was a wish, and is met.
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda _, __: None)
        self._server.run(sockets=[self._listener])

    def end(self) -> None:
        """Let `serve` come to its end."""
        self._server.should_exit = True

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on to the application, which is made last."""
        if self._app is not None:
            await self._app(scope, receive, send)


def _audit() -> dict[str, object]:
    return audit_document(audit(read_facts(Machine(socket_owners))))
