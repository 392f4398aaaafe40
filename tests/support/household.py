"""A server and a neighbour, each in a namespace, and a real daemon beside the server.

Law: every packet stays between the two; whatever is made here is removed here, also on failure.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any, TypeVar

from floodwall.kernel import rtnetlink
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.links import xdp_on
from floodwall.kernel.netns import enter
from tests.support.namespace import ip
from tests.support.packets import TCP, IPv4

SERVER, SERVER6 = "10.99.0.1", "fd99::1"
ROUTER, NEIGHBOUR, NEIGHBOUR6 = "10.99.0.2", "10.99.0.3", "fd99::3"
SECOND, SECOND_NEIGHBOUR = "10.98.0.1", "10.98.0.3"
PORT = 8080
READY_S = 25.0
_POLL_S = 0.05

# Accepts for ever, and answers every connection with a line, which it keeps open.
_LISTENER = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
server = socket.create_server((sys.argv[1], int(sys.argv[2])), family=family,
                              backlog=int(sys.argv[3]), dualstack_ipv6=sys.argv[1] == "::")
print("ready", flush=True)
kept = []
while True:
    connection, _ = server.accept()
    connection.sendall(b"hello\\n")
    kept.append(connection)
"""

T = TypeVar("T")


class Household:
    """Two namespaces that are joined by a veth pair, and what runs in them."""

    def __init__(self) -> None:
        tag = secrets.token_hex(3)
        self.server, self.neighbour = f"fwt{tag}s", f"fwt{tag}n"
        self.interface, self._peer = f"fwt{tag}a", f"fwt{tag}b"
        self._processes: list[subprocess.Popen[str]] = []
        self.records = TemporaryDirectory(prefix="fwt-record-")
        self.environment = {**os.environ, "STATE_DIRECTORY": self.records.name}

    def build(self) -> None:
        """Make the namespaces and the link between them."""
        for name in (self.server, self.neighbour):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        self._join()

    def _join(self) -> None:
        ip(
            *("link", "add", self.interface, "netns", self.server),
            *("type", "veth", "peer", "name", self._peer, "netns", self.neighbour),
        )
        self.address(self.server, self.interface, SERVER, SERVER6)
        self.address(self.neighbour, self._peer, ROUTER, NEIGHBOUR, NEIGHBOUR6)
        for name, device in ((self.server, self.interface), (self.neighbour, self._peer)):
            ip("-n", name, "link", "set", device, "up")
        ip("-n", self.server, "route", "add", "default", "via", ROUTER)

    def remove(self) -> None:
        """End what runs, take off what the daemon may have left, remove the namespaces."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        with suppress(Exception):
            self.floodwall("off")
        for name in (self.server, self.neighbour):
            with suppress(subprocess.CalledProcessError):
                ip("netns", "del", name)
        self.records.cleanup()

    def address(self, name: str, device: str, *addresses: str) -> None:
        """Give a device addresses, ready at once."""
        for address in addresses:
            more = ["/64", "nodad"] if ":" in address else ["/24"]
            ip("-n", name, "address", "add", address + more[0], "dev", device, *more[1:])

    def inside(self, name: str, call: Callable[[], T]) -> T:
        """Call a function of this process in a namespace."""
        with enter(Path("/run/netns") / name):
            return call()

    def start(
        self, name: str, *command: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a program in a namespace, by `nsenter --net` alone."""
        process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{name}", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**self.environment, **(environment or {})},
        )
        self._processes.append(process)
        return process

    def listen(self, address: str = "::", port: int = PORT, backlog: int = 128) -> None:
        """Start a server that accepts every connection."""
        process = self.start(
            *(self.server, sys.executable, "-c", _LISTENER, address, str(port), str(backlog))
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

    def floodwall(
        self, *arguments: str, wrapper: tuple[str, ...] = (), mask: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a verb beside the server to its end."""
        return subprocess.run(
            [
                *("nsenter", f"--net=/run/netns/{self.server}", *wrapper),
                *(sys.executable, "-m", "floodwall", *arguments),
            ],
            capture_output=True,
            text=True,
            timeout=READY_S,
            check=False,
            env={**self.environment, "FLOODWALL_MASK": mask},
        )

    def daemon(self, *arguments: str, mask: str = "") -> Daemon:
        """Start the daemon beside the server, and wait until it protects."""
        return self._daemon("--interface", self.interface, *arguments, mask=mask)

    def daemon_of(self, file: str) -> Daemon:
        """Start the daemon with what a settings file says, and nothing else."""
        return self._daemon("--config", file, mask="")

    def _daemon(self, *arguments: str, mask: str) -> Daemon:
        process = self.start(
            *(self.server, sys.executable, "-m", "floodwall", "run", "--json", *arguments),
            environment={"FLOODWALL_MASK": mask},
        )
        return Daemon(process)

    @contextmanager
    def file(self, text: str) -> Iterator[str]:
        """Write a settings file for as long as a block runs."""
        with NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            yield file.name

    def second_link(self) -> tuple[str, str]:
        """Join the two once more; return the server's interface and address there."""
        near, far = f"{self.interface}2", f"{self._peer}2"
        ip(
            *("link", "add", near, "netns", self.server),
            *("type", "veth", "peer", "name", far, "netns", self.neighbour),
        )
        self.address(self.server, near, SECOND)
        self.address(self.neighbour, far, SECOND_NEIGHBOUR)
        ip("-n", self.server, "link", "set", near, "up")
        ip("-n", self.neighbour, "link", "set", far, "up")
        return near, SECOND

    def rebuild_link(self) -> None:
        """Remove the link between the two and make it anew, under another number."""
        ip("-n", self.server, "link", "del", self.interface)
        self._join()

    def status(self) -> tuple[int, dict[str, Any]]:
        """Return the exit code and the content of `floodwall status`."""
        answer = self.floodwall("status", "--json")
        return answer.returncode, json.loads(answer.stdout)

    def state_directory(self) -> StateDirectory | None:
        """Return where Floodwall keeps its things for the server, if it does."""
        return self.inside(self.server, StateDirectory.find)

    def is_untouched(self) -> bool:
        """Tell whether nothing of Floodwall is on the server."""

        def bare() -> bool:
            return not any(xdp_on(link.index).prog_id for link in rtnetlink.links())

        return self.state_directory() is None and self.inside(self.server, bare)

    def sysctl(self, name: str, value: str | None = None) -> str:
        """Read, or set, a sysctl of the server."""
        path = Path("/proc/sys", *name.split("."))
        if value is not None:
            self.inside(self.server, lambda: path.write_text(value))
        return self.inside(self.server, path.read_text).strip()

    def connect(
        self, address: str = SERVER, port: int = PORT, *, source: str = "", timeout_s: float = 1.5
    ) -> socket.socket | None:
        """Connect the neighbour to the server; None if that fails."""
        near = source or (NEIGHBOUR6 if ":" in address else NEIGHBOUR)

        def attempt() -> socket.socket | None:
            try:
                made = socket.create_connection((address, port), timeout_s, (near, 0))
            except OSError:
                return None
            try:
                assert made.recv(6) == b"hello\n"
            except OSError:
                made.close()
                return None
            return made

        return self.inside(self.neighbour, attempt)

    def reachable(self, address: str = SERVER, port: int = PORT, **more: Any) -> bool:
        """Tell whether a new user gets through."""
        made = self.connect(address, port, **more)
        if made:
            made.close()
        return made is not None

    def flood(self, count: int, port: int = PORT, *, first: int = 0) -> None:
        """Send SYNs from `count` sources that do not exist, the next ones after `first`."""
        with self.inside(self.neighbour, _raw_socket) as sender:
            for number in range(first, first + count):
                source = f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
                syn = IPv4(source, SERVER) / TCP(1024 + number % 60000, port, sequence=number)
                sender.sendto(bytes(syn), (SERVER, 0))


class Daemon:
    """A daemon that runs, and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[dict[str, Any]] = []
        self.plan = self.wait_for(lambda line: line["kind"] == "plan")

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read what it says until a line is wanted."""
        assert self.process.stdout
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            line = self.process.stdout.readline()
            if not line.startswith("{"):
                raise AssertionError(f"the daemon said {line!r} {self.process.stdout.read()}")
            self.said.append(json.loads(line))
            if wanted(self.said[-1]):
                return self.said[-1]
        raise AssertionError(f"not said within {READY_S} s: {self.said}")

    def wait_for_event(self, text: str) -> str:
        """Wait for an event with this text in it."""
        event = self.wait_for(lambda line: text in line.get("text", ""))
        return str(event["text"])

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send it a signal and wait for its end."""
        self.send(number)
        return self.process.wait(READY_S)


@contextmanager
def household() -> Iterator[Household]:
    """Make a household for as long as a block runs."""
    made = Household()
    try:
        made.build()
        yield made
    finally:
        made.remove()


@contextmanager
def weak_household() -> Iterator[Household]:
    """Make one without SYN cookies, whose listener a hundred SYNs would silence."""
    with household() as made:
        made.sysctl("net.ipv4.tcp_syncookies", "0")
        made.listen(backlog=128)
        yield made


def eventually(condition: Callable[[], T], seconds: float = READY_S) -> T:
    """Wait until a condition holds, and return what it gave at last."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return value


def _raw_socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
