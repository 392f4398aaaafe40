"""Servers on loopback that take alerts, or do to them what servers of others do."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("loopback.pem")
"""A key and a certificate for 127.0.0.1 that nobody but a test trusts; valid for a century."""


@dataclass
class Received:
    """What has arrived, and how the server is to behave."""

    port: int = 0
    status: int = 200
    delay_s: float = 0.0
    """An answer takes so long."""
    hangs: bool = False
    """Take the request, and say nothing until the end of the test."""
    drips: bool = False
    """Answer a byte at a time, without an end."""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def http_server(*, tls: bool = False) -> Iterator[Received]:
    """Serve on a free port of loopback for as long as a block runs."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            request = (self.path, dict(self.headers.items()), self.rfile.read(length))
            received.requests.append(request)
            received.over.wait(received.delay_s)
            if received.hangs:
                received.over.wait()
            with contextlib.suppress(OSError):
                while received.drips and not received.over.wait(0.05):
                    self.wfile.write(b"H")
                self.send_response(received.status)
                self.send_header("Content-Length", "0")
                if 300 <= received.status < 400:
                    self.send_header("Location", f"http://127.0.0.1:{received.port}/elsewhere")
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  inherited
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_address[1]
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield received
    finally:
        received.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def smtp_server(*, refuses: bool = False) -> Iterator[Received]:
    """Take mail on a free port of loopback, RFC 5321 as far as one client needs it."""
    received = Received()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        received.port = listener.getsockname()[1]

        def serve() -> None:
            while not received.over.is_set():
                with contextlib.suppress(TimeoutError, OSError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(10)
                        _converse(connection, received, refuses=refuses)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield received
        finally:
            received.over.set()
            thread.join()


def _converse(connection: socket.socket, received: Received, *, refuses: bool) -> None:
    file = connection.makefile("rwb")

    def answer(line: str) -> None:
        file.write(f"{line}\r\n".encode())
        file.flush()

    answer("220 loopback")
    recipients: list[str] = []
    for raw in file:
        line = raw.decode().strip()
        verb = line.upper()
        if verb.startswith("RCPT"):
            recipients.append(line)
            answer("550 no such user" if refuses else "250 fine")
        elif verb == "DATA":
            answer("354 go on")
            text = b""
            for part in file:
                if part == b".\r\n":
                    break
                text += part
            received.requests.append((" ".join(recipients), {}, text))
            answer("250 taken")
        elif verb == "QUIT":
            answer("221 bye")
            return
        else:
            answer("250 fine")
