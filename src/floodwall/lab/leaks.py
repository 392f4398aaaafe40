"""What a run could have left behind, looked for by what it really made.

Law: only objects that the run itself was seen to hold are counted, so that others on the machine
neither hide a leak nor are taken for one.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from floodwall.core.errors import FloodwallError
from floodwall.kernel.libbpf import libbpf
from floodwall.kernel.netns import enter, netns_cookie
from floodwall.lab.topology import Topology
from floodwall.lab.wait import until

_PATIENCE_S = 8.0  # the kernel frees namespaces and BPF objects in the background
_HELD = re.compile(r"^(prog|map|link)_id:\s*(\d+)$", re.MULTILINE)
_OWN_BPFFS = Path("/run/floodwall/bpf")  # mounted where the machine has none
_OWN_PINS = _OWN_BPFFS / "floodwall"  # of all namespaces
_MOUNTS = Path("/proc/self/mountinfo")

Found = frozenset[tuple[str, str]]


class LeakWatch:
    """Notes what a run makes while it runs, and looks for it afterwards."""

    def __init__(self) -> None:
        """Note whether Floodwall's own bpffs is mounted, and what this process holds, already."""
        self._had_bpffs = _is_mounted(_OWN_BPFFS)
        self._before = held_by(os.getpid())
        self._processes: set[int] = set()
        self._bpf: set[tuple[str, str]] = set()
        self._namespaces: dict[int, int] = {}  # inode -> cookie
        self._places: set[Path] = set()

    def note_topology(self, topology: Topology) -> None:
        """Remember the namespaces."""
        self._namespaces |= {one.inode: one.call(netns_cookie) for one in topology.namespaces}

    def note_process(self, process: int) -> None:
        """Remember a process and every BPF object that it holds now."""
        if process != os.getpid():
            self._processes.add(process)
        self._bpf |= held_by(process) - self._before

    def note_place(self, path: Path) -> None:
        """Remember a directory that must be gone afterwards."""
        self._places.add(path)

    def leaks(self) -> tuple[str, ...]:
        """Return what is still there after giving the kernel time to clean up."""
        until(lambda: not self._left(), _PATIENCE_S)
        return tuple(sorted(self._left()))

    def _left(self) -> list[str]:
        found = [f"BPF {kind} {number}" for kind, number in self._bpf if exists(kind, int(number))]
        found += [f"process {number}" for number in self._processes if _runs(number)]
        found += [f"network namespace {one}" for one in self._namespaces_left()]
        found += [f"mount on {path}" for path in self._mounts_left()]
        found += [str(path) for path in self._places if path.exists()]
        return found

    def _namespaces_left(self) -> set[int]:
        """Return our namespaces that live; the kernel uses an inode again, but no cookie."""
        return {
            inode
            for inode, path in _namespaces_in_use()
            if inode in self._namespaces and _cookie_of(path) == self._namespaces[inode]
        }

    def _mounts_left(self) -> list[str]:
        """Return mounts of our namespaces, and a bpffs that was mounted for us and is empty."""
        cookies = {f"net:[{inode}]": cookie for inode, cookie in self._namespaces.items()}
        left = [
            point
            for root, point in _mount_points()
            if root in cookies and _cookie_of(Path(point)) == cookies[root]
        ]
        if not self._had_bpffs and _is_mounted(_OWN_BPFFS) and not _has_entries(_OWN_PINS):
            left.append(str(_OWN_BPFFS))
        return left


def _has_entries(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())


def _is_mounted(path: Path) -> bool:
    return any(point == str(path) for _, point in _mount_points())


def _mount_points() -> list[tuple[str, str]]:
    """Return root and mount point of every mount, proc(5)."""
    fields = (line.split() for line in _MOUNTS.read_text().splitlines())
    return [(entry[3], entry[4]) for entry in fields]


def held_by(process: int) -> Found:
    """Return the BPF objects that a process has open."""
    found: set[tuple[str, str]] = set()
    for path in _entries(Path(f"/proc/{process}/fdinfo")):
        with suppress(OSError):
            found.update(_HELD.findall(path.read_text()))
    return frozenset(found)


def exists(kind: str, number: int) -> bool:
    """Say whether the kernel still has a BPF object: a prog, map or link."""
    fd = int(getattr(libbpf().calls, f"bpf_{kind}_get_fd_by_id")(number))
    if fd < 0:
        return False
    os.close(fd)
    return True


def _runs(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def _cookie_of(path: Path) -> int | None:
    with suppress(OSError, FloodwallError), enter(path):  # it may be gone in between
        return netns_cookie()
    return None


def _namespaces_in_use() -> Iterator[tuple[int, Path]]:
    """Yield inode and path of the network namespaces that any process is in or holds open."""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with suppress(OSError):
            own = process / "ns/net"
            yield own.stat().st_ino, own
        for path in _entries(process / "fd"):
            with suppress(OSError):
                link = str(path.readlink())
                if link.startswith("net:["):
                    yield int(link[5:-1]), path


def _entries(directory: Path) -> list[Path]:
    """Return what is in a directory of /proc, nothing if its process has just ended."""
    with suppress(OSError):
        return list(directory.iterdir())
    return []
