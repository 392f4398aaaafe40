"""The other end of the control socket: asks the daemon of this network namespace.

Law: whoever asks waits for a bounded time, and is told apart whether the daemon refused, did not
answer or is not there.
"""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from floodwall.core.errors import ConfigError, KernelError
from floodwall.core.protocol import (
    HEADER_BYTES,
    SOCKET,
    VERSION,
    ProtocolError,
    Request,
    decode_answer,
    encode,
    length_of,
)
from floodwall.kernel.bpffs import run_directory
from floodwall.kernel.closing import Closing

PATIENCE_S = 5.0
"""An answer comes within a second, unless the daemon is very busy or stopped."""

_NEXT = "next"


class UnreachableError(KernelError):
    """No daemon answers in this network namespace."""


class RefusedError(ConfigError):
    """The daemon has refused a request, and says why."""

    def __init__(self, message: str, *, hint: str, code: int) -> None:
        """Take over the exit code too."""
        super().__init__(message, hint=hint)
        self.exit_code = code  # type: ignore[misc]  # the daemon knows whose mistake it is


Dialler = Callable[[Path, float], socket.socket]
"""Returns a connection to a control socket, or raises UnreachableError."""


def dial(path: Path, patience_s: float) -> socket.socket:
    """Connect to a control socket."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.settimeout(patience_s)
    try:
        made.connect(str(path))
    except OSError as error:
        made.close()
        raise _unreachable(path, error) from error
    return made


class Client(Closing):
    """A connection to the daemon; requests go one after the other."""

    def __init__(
        self, path: Path | None = None, patience_s: float = PATIENCE_S, dialler: Dialler = dial
    ) -> None:
        """Connect, or raise UnreachableError; a `dialler` may do it for a process that may not."""
        self._path = path or run_directory() / SOCKET
        self._patience_s = patience_s
        self._deadline_s = 0.0
        self._number = 0
        self.by = ""
        """For whom this asks, if not for itself."""
        self._socket = dialler(self._path, patience_s)

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Return the result, or raise RefusedError or UnreachableError."""
        self._number += 1
        self._deadline_s = time.monotonic() + self._patience_s
        request = Request(VERSION, self._number, verb, arguments, self.by)
        try:
            self._socket.sendall(encode(request))
            answer = decode_answer(self._read(length_of(self._read(HEADER_BYTES))))
        except OSError as error:
            raise _unreachable(self._path, error) from error
        if answer.error is not None:
            error_ = answer.error
            raise RefusedError(error_.message, hint=error_.hint, code=error_.code)
        if answer.id != self._number or answer.result is None:
            raise ProtocolError("the daemon answered another question")
        return answer.result

    def pages(self, verb: str, rows: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Ask for one page after the other of a list that is longer than a frame."""
        begin: int | None = 0
        while begin is not None:
            part = self.ask(verb, begin=begin, **arguments)
            yield part
            begin = part.get(_NEXT) if part.get(rows) else None

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _read(self, count: int) -> bytes:
        taken = bytearray()
        while len(taken) < count:
            left_s = self._deadline_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("timed out")
            self._socket.settimeout(left_s)
            part = self._socket.recv(count - len(taken))
            if not part:
                raise ConnectionResetError("the daemon has closed the connection")
            taken += part
        return bytes(taken)


def merged(parts: Iterator[Mapping[str, Any]], rows: str) -> dict[str, Any]:
    """Put the pages of a list together; what stands around it is taken from the first."""
    whole: dict[str, Any] = dict(next(parts))
    whole.pop(_NEXT, None)
    for part in parts:
        whole[rows] = [*whole[rows], *part[rows]]
    return whole


def _unreachable(path: Path, error: OSError) -> UnreachableError:
    if isinstance(error, TimeoutError):
        return UnreachableError("the daemon does not answer", op="ask", obj=str(path))
    if isinstance(error, PermissionError):
        hint = "run as root, or as a member of the group floodwall"
        message = "you may not speak to the daemon"
        return UnreachableError(
            message, op="connect", errno=error.errno or 0, obj=str(path), hint=hint
        )
    reason = error.strerror or str(error)
    message = f"no daemon can be reached: {reason}"
    return UnreachableError(
        message, op="connect", errno=error.errno or 0, obj=str(path), hint="floodwall run"
    )
