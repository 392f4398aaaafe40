"""Where facts come from: this machine, or an archive that was recorded from one.

A source gives files, links and the output of commands, nothing else, so that a machine far away
can be recorded by a shell script and judged here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from floodwall.audit.facts import Listening

LARGEST_BYTES = 1 << 20
"""No file that is read here has more; /proc/interrupts of 256 CPUs has a fifth of it."""

SOCKETS = "ss -ltnp"
RULES = "nft -t list ruleset"
LEGACY_RULES = "iptables-save"


class Source(Protocol):
    """A machine, or what was recorded of one."""

    def text(self, path: str) -> str:
        """Return a file by its absolute path; an OSError tells why not."""

    def names(self, path: str) -> list[str]:
        """Return the names in a directory, in order; an OSError tells why not."""

    def link(self, path: str) -> str:
        """Return what a symbolic link says; an OSError tells why not."""

    def output(self, command: str) -> str:
        """Return what a command prints; an UnreadError tells why not."""

    def listeners(self) -> tuple[Listening, ...]:
        """Return the listening TCP sockets."""

    def namespaces(self) -> Iterator[tuple[str, "Source"]]:
        """Yield every other network namespace; an UnreadError tells why not."""


class Tree:
    """The files below a root."""

    def __init__(self, root: Path) -> None:
        """Read below `root`, which is / for a machine itself."""
        self.root = root

    def text(self, path: str) -> str:
        """Return a file by its absolute path."""
        with self._place(path).open("rb") as file:
            return file.read(LARGEST_BYTES).decode(errors="replace")

    def names(self, path: str) -> list[str]:
        """Return the names in a directory, in order."""
        return sorted(entry.name for entry in self._place(path).iterdir())

    def link(self, path: str) -> str:
        """Return what a symbolic link says."""
        return str(self._place(path).readlink())

    def _place(self, path: str) -> Path:
        return self.root / path.lstrip("/")


def sysctl_path(name: str) -> str:
    """Return the file of a sysctl; a slash in its name stands for a dot in that of an interface."""
    return "/proc/sys/" + name.translate(str.maketrans("./", "/."))
