"""Opens for a process without privileges what only root may open, and does nothing else.

Law: two questions are understood, one byte each: a connection to the control socket, and the file
of tokens, to read.  What is passed on is a descriptor; nothing that the other side sends is read.
"""

import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from floodwall.app.client import UnreachableError, dial
from floodwall.console.web.tokens import Token, tokens_of
from floodwall.core.errors import ConfigError
from floodwall.kernel.privileges import (
    User,
    become,
    die_with_parent,
    drop_capabilities,
    groups_of,
)

_CONTROL, _TOKENS, _HERE, _NOT = b"c", b"t", b"+", b"-"
_ANSWER_BYTES = 512


class Usher:
    """The side that asks; its answers are descriptors."""

    def __init__(self, line: socket.socket, tokens: Path) -> None:
        """Take the line to root's side."""
        self._line = line
        self._tokens = tokens
        self._lock = threading.Lock()

    def connect(self, path: Path, patience_s: float) -> socket.socket:
        """Return a connection to the control socket, or raise UnreachableError."""
        fd, why = self._ask(_CONTROL)
        if fd is None:
            message = why or "no daemon can be reached"
            raise UnreachableError(message, op="connect", obj=str(path), hint="floodwall run")
        made = socket.socket(fileno=fd)
        made.settimeout(patience_s)
        return made

    def tokens(self) -> tuple[Token, ...]:
        """Return who may log in, or raise ConfigError."""
        fd, why = self._ask(_TOKENS)
        if fd is None:
            raise ConfigError(f"cannot read {self._tokens}: {why}")
        return tokens_of(fd, str(self._tokens))

    def _ask(self, question: bytes) -> tuple[int | None, str]:
        with self._lock:
            self._line.sendall(question)
            message, fds, _, _ = socket.recv_fds(self._line, _ANSWER_BYTES, 1)
        if fds:
            return fds[0], ""
        return None, message[1:].decode("utf-8", "replace")


def answer(question: bytes, control: Path, tokens: Path) -> tuple[bytes, int | None]:
    """Return what is answered, and a descriptor that is passed with it."""
    try:
        if question == _CONTROL:
            return _HERE, dial(control, 1.0).detach()
        if question == _TOKENS:
            return _HERE, os.open(tokens, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except UnreachableError as error:
        return _NOT + error.message.encode()[: _ANSWER_BYTES - 1], None
    except OSError as error:
        return _NOT + (error.strerror or "?").encode(), None
    return _NOT + b"not understood", None


def separate(user: User, control: Path, tokens: Path, serve: Callable[[Usher], None]) -> int:
    """Serve in a process of `user`, and stay beside it; return its exit code when it ends."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    waiting, leash = os.pipe()
    child = os.fork()
    if child == 0:
        ours.close()
        os.close(leash)
        threading.Thread(target=_end_with, args=(waiting,), daemon=True).start()
        os._exit(_serve(user, Usher(theirs, tokens), serve))
    theirs.close()
    os.close(waiting)
    drop_capabilities()

    def let_go(_: int, __: FrameType | None) -> None:
        # Without CAP_KILL nobody may signal another user's process, not even root.
        nonlocal leash
        if leash >= 0:
            os.close(leash)
            leash = -1

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, let_go)
    _stay(ours, control, tokens)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _end_with(leash: int) -> None:
    """End this process as a signal would, as soon as the other side lets go or dies."""
    os.read(leash, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(user: User, usher: Usher, serve: Callable[[Usher], None]) -> int:
    try:
        become(user, groups_of(user))
        die_with_parent()
        serve(usher)
    except Exception as error:  # noqa: BLE001  the last words of a process
        sys.stderr.write(f"floodwall: {error}\n")
        return 3
    return 0


def _stay(line: socket.socket, control: Path, tokens: Path) -> None:
    """Answer until the other side is gone."""
    poller = select.poll()
    poller.register(line, select.POLLIN)
    while True:
        poller.poll()
        question = line.recv(16)
        if not question:
            return
        words, fd = answer(question, control, tokens)
        if fd is None:
            line.send(words)
            continue
        try:
            socket.send_fds(line, [words], [fd])
        finally:
            os.close(fd)
