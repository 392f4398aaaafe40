"""One session over the system's OpenSSH, with its own configuration and keys.

Law: no password, no question, no key accepted by us; what comes back is bounded in size and time.
"""

import os
import secrets
import selectors
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from floodwall.fleet.host import Host
from floodwall.fleet.trouble import Kind, TroubleError, diagnose

_POLL_S = 0.2
_CHUNK = 1 << 16
_LARGEST_COMPLAINT = 1 << 16
_PATIENCE = "is it up? --timeout 60s waits longer"
_HURRY_S = 1.0
"""How long ssh may take to end after all was said."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How machines are reached."""

    program: str = "ssh"
    config: Path | None = None
    """Instead of the user's own configuration."""
    sudo: bool = False
    timeout_s: float = 30.0
    """For a whole session."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when nobody waits for answers any more."""

    def command(self, host: Host, *, fresh: bool = False) -> list[str]:
        """Return the command that runs a shell there; `fresh` is a connection of its own."""
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": str(max(1, round(self.timeout_s))),
            # Machines that are looked at must not reach back, nor ports of two collide.
            "ClearAllForwardings": "yes",
            "ForwardAgent": "no",
            "ForwardX11": "no",
            "LogLevel": "ERROR",
            "PermitLocalCommand": "no",
            "RemoteCommand": "none",
            "RequestTTY": "no",
        }
        if fresh:
            options |= {"ControlMaster": "no", "ControlPath": "none"}
        words = [self.program, *self._configured()]
        for name, value in options.items():
            words += ["-o", f"{name}={value}"]
        shell = ["sudo", "-n", "sh"] if self.sudo else ["sh"]
        return [*words, *host.arguments(), *shell]

    def _configured(self) -> list[str]:
        return ["-F", str(self.config)] if self.config else []

    def look_up(self, host: Host) -> str:
        """Return the command that shows the fingerprints of a host's keys, without trusting it."""
        told = {}
        with suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                [self.program, *self._configured(), "-G", *host.arguments()],
                capture_output=True, text=True, errors="replace", timeout=5, check=False,
            )  # fmt: skip
            told = dict(line.partition(" ")[::2] for line in done.stdout.splitlines())
        port = told.get("port") or str(host.port or 22)
        where = "" if port == "22" else f"-p {port} "
        return f"ssh-keyscan {where}{told.get('hostname') or host.address} | ssh-keygen -lf -"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script printed there, and its exit code."""

    text: str
    code: int


def talk(host: Host, script: str, wire: Wire, largest: int, *, fresh: bool = False) -> Answer:
    """Run a script in a shell of a machine; `largest` is how many bytes it may answer.

    The script is a function that is called in the last line: one that arrives in part does nothing.
    """
    if host.refused:
        raise TroubleError(Kind.REFUSED, host.refused)
    mark = secrets.token_hex(8)
    sent = (
        f"floodwall() {{\n{script}\n}}\n"
        f"printf '\\n%s\\n' begin-{mark}; (floodwall) </dev/null; "
        f"printf '\\n%s %s\\n' end-{mark} \"$?\"\n"
    )
    process = subprocess.Popen(
        wire.command(host, fresh=fresh),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
        start_new_session=True,  # so that what ProxyCommand started ends with it
    )
    exchange = _Exchange(process, sent.encode(), largest)
    try:
        exchange.run(time.monotonic() + wire.timeout_s, wire)
        code = process.wait(_HURRY_S)
        exchange.finish()
    except subprocess.TimeoutExpired:
        code = -1
    finally:
        _end(process)
    answer = _between(bytes(exchange.said), mark)
    if answer is None:
        raise diagnose(code, exchange.complained.decode(errors="replace"), wire.look_up(host))
    return answer


def _between(said: bytes, mark: str) -> Answer | None:
    """Return what stands between the marks: before them, shells greet."""
    _, begun, rest = said.partition(f"\nbegin-{mark}\n".encode())
    body, ended, code = rest.rpartition(f"\nend-{mark} ".encode())
    if not (begun and ended and code.strip().isdigit()):
        return None
    return Answer(body.decode(errors="replace").replace("\r\n", "\n"), int(code.strip()[:3]))


class _Exchange:
    """Sends all of a script and takes all of the answers, within the limits."""

    def __init__(self, process: subprocess.Popen[bytes], sent: bytes, largest: int) -> None:
        self.said, self.complained = bytearray(), bytearray()
        self._process, self._left, self._largest = process, memoryview(sent), largest

    def run(self, deadline: float, wire: Wire) -> None:
        """Go on until everything was said; `deadline` is of time.monotonic()."""
        pipes = self._process.stdin, self._process.stdout, self._process.stderr
        with selectors.DefaultSelector() as ready:
            for stream, step in zip(pipes, (self._send, self._hear, self._note), strict=True):
                if stream is not None:
                    os.set_blocking(stream.fileno(), False)
                    event = selectors.EVENT_WRITE if step == self._send else selectors.EVENT_READ
                    ready.register(stream, event, step)
            # A shared connection of ssh may keep the standard error open: it is not waited for.
            while any(key.data == self._hear for key in ready.get_map().values()):
                if wire.stop.is_set():
                    raise TroubleError(Kind.TIMEOUT, "we were stopped")
                if time.monotonic() >= deadline:
                    raise TroubleError(
                        Kind.TIMEOUT, f"no answer within {wire.timeout_s:g} s", _PATIENCE
                    )
                for key, _ in ready.select(_POLL_S):
                    if not key.data(key.fd):
                        ready.unregister(key.fileobj)

    def finish(self) -> None:
        """Take what was complained about last."""
        with suppress(BlockingIOError):
            while self._process.stderr is not None and self._note(self._process.stderr.fileno()):
                pass

    def _send(self, fd: int) -> bool:
        """Send the next part; tell whether there is more."""
        with suppress(BrokenPipeError):  # the answer tells why it is gone
            self._left = self._left[os.write(fd, self._left[:_CHUNK]) :]
            if self._left:
                return True
        if self._process.stdin is not None:
            self._process.stdin.close()
        return False

    def _hear(self, fd: int) -> bool:
        """Take the next part of the answer; tell whether there may be more."""
        part = os.read(fd, _CHUNK)
        self.said += part
        if len(self.said) > self._largest:
            raise TroubleError(Kind.ANSWER, f"it said more than {self._largest >> 20} MiB")
        return bool(part)

    def _note(self, fd: int) -> bool:
        """Take the next part of what is complained about, as far as there is room."""
        part = os.read(fd, _CHUNK)
        self.complained += part[: _LARGEST_COMPLAINT - len(self.complained)]
        return bool(part)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End ssh and what it started, and close the pipes."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
