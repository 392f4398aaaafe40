"""Connections whose patience is bounded: who sends half a request, or reads nothing, is let go."""

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""So long the head of a request may take, from the first byte or from the connection on."""

_RESET = struct.pack("ii", 1, 0)  # struct linger: on, 0 s
_open: dict[Any, "PatientProtocol"] = {}


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits for nobody for ever."""

    _fuse: asyncio.TimerHandle | None = None
    _asked = False
    """Whether a request ever began."""

    # uvicorn narrows asyncio's argument, too.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        _open[self.client] = self
        self._light()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _open.pop(self.client, None)
        self._put_out()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head, but not for ever."""
        super().data_received(data)
        if self._is_asking():
            self._put_out()
        elif self._fuse is None:
            self._light()

    def on_response_complete(self) -> None:
        """Leave it to uvicorn to end a connection that is idle."""
        super().on_response_complete()
        self._put_out()

    def _is_asking(self) -> bool:
        self._asked = self._asked or bool(self.cycle)
        return self._asked and not self.cycle.response_complete

    def _light(self) -> None:
        self._fuse = self.loop.call_later(HEAD_S, self._burn)

    def _put_out(self) -> None:
        if self._fuse is not None:
            self._fuse.cancel()
            self._fuse = None

    def _burn(self) -> None:
        self._fuse = None
        if not self._is_asking():
            self.transport.abort()


def hang_up(client: Any) -> None:
    """End the connection of a client at once, with what it has not read."""
    # A connection knows its peer as a tuple, a request as a list or tuple of the same.
    protocol = _open.get(tuple(client)) if client else None
    if protocol is not None:
        # A reset: what is in the kernel's buffer would be offered for minutes otherwise.
        plain = protocol.transport.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        protocol.transport.abort()
