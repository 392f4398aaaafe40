"""Which process owns a socket, found in /proc."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")


class Owner(NamedTuple):
    """A process that holds a socket; of several, the one that began first."""

    name: str
    pid: int | None


NOBODY = Owner("", None)
"""Nobody known."""


def socket_owners(inodes: Collection[int], proc: Path = _PROC) -> dict[int, Owner]:
    """Map the inode of each socket to a process that holds it.

    Processes that we may not look into are left out; so are sockets whose owner is elsewhere.
    """
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    owners: dict[int, Owner] = {}
    for process in _processes(proc):
        if len(owners) == len(wanted):
            break
        for target in _descriptors(process):
            inode = wanted.get(target)
            if inode is not None and inode not in owners:
                owners[inode] = Owner(_name(process), int(process.name))
    return owners


def _processes(proc: Path) -> Iterator[Path]:
    return (entry for entry in proc.iterdir() if entry.name.isdecimal())


def _descriptors(process: Path) -> Iterator[str]:
    try:
        for descriptor in (process / "fd").iterdir():
            try:
                yield str(descriptor.readlink())
            except OSError:
                continue  # closed since
    except OSError:
        return  # gone since, or not ours to see


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""
