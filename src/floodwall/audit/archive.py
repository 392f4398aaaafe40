"""A machine as one text: what was recorded of it, to be judged elsewhere or in a test.

A line that begins with `===` names what follows, and each line of content is behind a tab:

    === /proc/cmdline                  a file
    === /etc/x -> ../y                 a symbolic link
    === /proc/1/ns !permission denied  what could not be read, and why
    === $ ss -ltnp                     what a command printed
    === sysctl                         sysctls as `sysctl -a` prints them
    === namespace web                  from here on, another network namespace
"""

import errno
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from floodwall.audit.facts import Listening, UnreadError
from floodwall.audit.listening import listening
from floodwall.audit.source import SOCKETS, Source, sysctl_path
from floodwall.core.errors import ConfigError

_MARK = "=== "
_MOST_LINKS = 40  # as the kernel, MAXSYMLINKS
_DEEPEST = 32
_MOST_NAMESPACES = 4096
_MOST_INTERFACES = 8192
_INTERFACES = ("/sys/class/net", "/proc/sys/net/ipv4/conf")
_LINK = re.compile(r"(/\S+) -> (\S+)")
_DENIED = re.compile(r"(/\S+) !(.+)")


@dataclass(slots=True)
class Archive:
    """Files, links, refusals and the output of commands."""

    files: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    denied: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    inner: dict[str, "Archive"] = field(default_factory=dict)
    _inside: dict[str, set[str]] = field(default_factory=dict, compare=False)
    _counted: int = field(default=0, compare=False)

    def text(self, path: str) -> str:
        """Return a file by its absolute path."""
        if path in self.files:
            return self.files[path]
        for place in (path, *_above(path)):
            if place in self.denied:
                raise PermissionError(errno.EACCES, self.denied[place], path)
        if path in self.links:
            return self._behind(path)
        raise FileNotFoundError(errno.ENOENT, "no such file or directory", path)

    def _behind(self, path: str) -> str:
        for _ in range(_MOST_LINKS):
            if path not in self.links:
                return self.text(path)
            path = _join(path, self.links[path])
        raise OSError(errno.ELOOP, "too many levels of symbolic links", path)

    def names(self, path: str) -> list[str]:
        """Return the names in a directory, in order."""
        if path in self.denied:
            raise PermissionError(errno.EACCES, self.denied[path], path)
        found = self.places(path.rstrip("/"))
        if not found:
            raise FileNotFoundError(errno.ENOENT, "no such file or directory", path)
        return sorted(found)

    def places(self, path: str) -> set[str]:
        """Return the names in a directory, none if it is not there."""
        return self._directories().get(path, set())

    def _directories(self) -> dict[str, set[str]]:
        """Return what is in each directory; looked up anew when something was put in."""
        known = (*self.files, *self.links, *self.denied)
        if self._counted != len(known):
            self._inside = {}
            for each in known:
                for place in _above(each):
                    name = each[len(place) + 1 :].partition("/")[0]
                    self._inside.setdefault(place, set()).add(name)
            self._counted = len(known)
        return self._inside

    def link(self, path: str) -> str:
        """Return what a symbolic link says."""
        if path not in self.links:
            raise OSError(errno.EINVAL, "invalid argument", path)
        return self.links[path]

    def output(self, command: str) -> str:
        """Return what a command printed."""
        if command not in self.outputs:
            raise UnreadError(f"the output of {command!r} was not recorded")
        return self.outputs[command]

    def listeners(self) -> tuple[Listening, ...]:
        """Return the sockets that ss listed."""
        return listening(self.output(SOCKETS))

    def namespaces(self) -> Iterator[tuple[str, Source]]:
        """Yield the other network namespaces."""
        yield from self.inner.items()


def parse_archive(text: str) -> Archive:
    """Read what was recorded."""
    whole = part = Archive()
    head, content = "", ""
    # Not splitlines(): a form feed in somebody's file ends no line of the archive.
    for number, line in enumerate([*text.split("\n"), _MARK], 1):
        if line.startswith("\t"):
            content += f"{line[1:]}\n"
            continue
        if not line.strip():
            continue
        if not line.startswith(_MARK):
            raise ConfigError(f"line {number} of the archive is neither a name nor content")
        if head:
            part = _add(whole, part, head, content)
        head, content = line[len(_MARK) :].strip(), ""
    _check(whole)
    return whole


def _check(whole: Archive) -> None:
    """Refuse what no machine has: much of what is judged is judged for each of these."""
    if len(whole.inner) > _MOST_NAMESPACES:
        raise ConfigError(f"the archive has more than {_MOST_NAMESPACES:,} namespaces")
    for part in (whole, *whole.inner.values()):
        for place in _INTERFACES:
            if len(part.places(place)) > _MOST_INTERFACES:
                raise ConfigError(f"the archive has more than {_MOST_INTERFACES:,} interfaces")


def _add(whole: Archive, part: Archive, head: str, content: str) -> Archive:
    """Put in what one name stands for; return where the next one belongs."""
    if head.startswith("namespace "):
        return whole.inner.setdefault(head.split(maxsplit=1)[1], Archive())
    if head == "sysctl":
        for line in content.splitlines():
            name, _, value = line.partition(" = ")
            part.files[sysctl_path(name)] = f"{value}\n"
    elif head.startswith("$ "):
        part.outputs[head[2:]] = content
    elif link := _LINK.fullmatch(head):
        part.links[link[1]] = link[2]
    elif denied := _DENIED.fullmatch(head):
        part.denied[denied[1]] = denied[2]
    else:
        part.files[head] = content
    return part


def _above(path: str) -> Iterator[str]:
    """Yield the directories that a path is in, the nearest first; / is the empty one."""
    place = path
    for _ in range(_DEEPEST):
        place, slash, _name = place.rpartition("/")
        if not slash:
            return
        yield place


def _join(path: str, target: str) -> str:
    parts = [] if target.startswith("/") else path.split("/")[1:-1]
    for part in target.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/" + "/".join(parts)
