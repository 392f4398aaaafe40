"""This machine as a source of facts."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from floodwall.audit.facts import Listening, UnreadError
from floodwall.audit.source import Source, Tree
from floodwall.core.errors import FloodwallError
from floodwall.kernel import sockdiag
from floodwall.kernel.netns import enter

Owners = Callable[[Collection[int]], Mapping[int, tuple[str, int | None]]]
"""Names the process of each socket, by inode."""

_TIMEOUT_S = 5
_OF_THE_KERNEL = ("/proc", "/sys", "/dev")
_NAMED = Path("/run/netns")


class Machine(Tree):
    """Files, commands and sockets of the machine and network namespace that we are in."""

    def __init__(self, owners: Owners, root: Path = Path("/")) -> None:
        """Take how to find the process of a socket, and where /etc and its like are."""
        super().__init__(root)
        self._owners = owners

    def _place(self, path: str) -> Path:
        return Path(path) if path.startswith(_OF_THE_KERNEL) else super()._place(path)

    def output(self, command: str) -> str:
        """Run a command that changes nothing, and return what it prints."""
        words = command.split()
        found = shutil.which(words[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if found is None:
            raise UnreadError(f"{words[0]} is not installed")
        try:
            done = subprocess.run(
                [found, *words[1:]],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_TIMEOUT_S,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnreadError(f"{command}: {error}") from error
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise UnreadError(f"{command}: {said[0]}")
        return done.stdout

    def listeners(self) -> tuple[Listening, ...]:
        """Return the listening sockets, with their processes as far as we may see them."""
        try:
            found = sockdiag.listeners()
        except FloodwallError as error:
            raise UnreadError(error.message) from error
        owners = self._owners({each.inode for each in found})
        return tuple(_listening(each, *owners.get(each.inode, ("", None))) for each in found)

    def namespaces(self) -> Iterator[tuple[str, Source]]:
        """Yield every other network namespace that has a name or a process."""
        if os.geteuid() != 0:
            raise UnreadError("other network namespaces are shown to root only")
        seen = {Path("/proc/thread-self/ns/net").stat().st_ino}
        for name, path in _places():
            try:
                inode = path.stat().st_ino
            except OSError:
                continue  # gone since
            if inode not in seen:
                seen.add(inode)
                yield name, _Inside(self._owners, path)


class _Inside(Machine):
    """The same machine, seen from another network namespace."""

    def __init__(self, owners: Owners, namespace: Path) -> None:
        super().__init__(owners)
        self._namespace = namespace

    def text(self, path: str) -> str:
        try:
            with enter(self._namespace):
                return super().text(path)
        except FloodwallError as error:
            raise OSError(0, error.message, path) from error

    def names(self, path: str) -> list[str]:
        try:
            with enter(self._namespace):
                return super().names(path)
        except FloodwallError as error:
            raise OSError(0, error.message, path) from error

    def listeners(self) -> tuple[Listening, ...]:
        try:
            with enter(self._namespace):
                return super().listeners()
        except FloodwallError as error:
            raise UnreadError(error.message) from error


def _places() -> Iterator[tuple[str, Path]]:
    """Yield names and paths; what `ip netns` named comes before what only a process shows."""
    with contextlib.suppress(OSError):
        yield from ((each.name, each) for each in sorted(_NAMED.iterdir()))
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            name = (process / "comm").read_text().strip()
        except OSError:
            continue
        yield f"{name} (pid {process.name})", process / "ns/net"


def _listening(each: sockdiag.Listener, process: str, pid: int | None) -> Listening:
    return Listening(
        address=str(each.addr),
        port=each.port,
        backlog=each.backlog,
        process=process,
        pid=pid,
        waiting=each.accept_queue,
    )
