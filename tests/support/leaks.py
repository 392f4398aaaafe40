"""What a test must not leave behind: namespaces, BPF objects, mounts, devices, processes.

Most of it is counted for the whole machine, so that nothing is missed.  Where others work on the
machine at the same time, only what is surely ours is counted.  In both cases a BPF object that a
process outside this test run holds open is that process's business.
"""

import ctypes
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Inventory = dict[str, frozenset[str]]

PATIENCE_SECONDS = 8.0  # the kernel frees namespaces and BPF objects in the background
_PROC = Path("/proc")
_HELD = re.compile(r"^(prog|map|link)_id:\s*(\d+)$", re.MULTILINE)


def take_inventory(*, alone: bool) -> Inventory:
    """Return what exists now, by kind; of the whole machine if the test run is `alone` on it."""
    kinds = _OURS | _OF_THE_MACHINE if alone else _OURS
    return {kind: frozenset(look()) for kind, look in kinds.items()}


def wait_until_clean(before: Inventory) -> list[str]:
    """Return what is there in addition to `before`, after giving the kernel time to free it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := _excess(before):
        if time.monotonic() > deadline:
            return left
        time.sleep(0.05)
    return []


def _excess(before: Inventory) -> list[str]:
    now = take_inventory(alone="BPF prog" in before)
    extra = [f"{kind} {name}" for kind, names in now.items() for name in names - before[kind]]
    if not any(name.startswith("BPF") for name in extra):
        return sorted(extra)
    strangers = _held_by_strangers()
    return sorted(name for name in extra if name not in strangers)


def _bpf_ids(kind: str) -> Iterator[str]:
    libbpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
    following = getattr(libbpf, f"bpf_{kind}_get_next_id")
    number = ctypes.c_uint32(0)
    while following(number, ctypes.byref(number)) == 0:
        yield str(number.value)


def _held_by_strangers() -> frozenset[str]:
    """BPF objects that a process outside this test run has open."""
    ours = {os.getpid(), *(int(pid) for pid in _descendants())}
    held: set[str] = set()
    for process in _PROC.iterdir():
        if process.name.isdigit() and int(process.name) not in ours:
            held.update(_held_by(process))
    return frozenset(held)


def _held_by(process: Path) -> Iterator[str]:
    try:
        for descriptor in (process / "fdinfo").iterdir():
            for kind, number in _HELD.findall(descriptor.read_text()):
                yield f"BPF {kind} {number}"
    except OSError:
        return  # it ended meanwhile


def _descendants() -> Iterator[str]:
    parents: dict[int, list[int]] = {}
    for status in _PROC.glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(status.parent.name))
    waiting = [os.getpid()]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            yield str(child)
            waiting.append(child)


def _children() -> Iterator[str]:
    for pid in _descendants():
        try:
            yield f"{pid} ({(_PROC / pid / 'comm').read_text().strip()})"
        except OSError:
            continue  # it ended meanwhile


def _named_namespaces() -> Iterator[str]:
    directory = Path("/run/netns")
    if directory.is_dir():
        yield from (path.name for path in directory.iterdir())


def _mounts() -> Iterator[str]:
    for line in (_PROC / "self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[4] != "/run/netns":  # iproute2 makes it once for the machine and keeps it
            yield f"{fields[4]} ({fields[fields.index('-') + 1]})"


def _devices() -> Iterator[str]:
    yield from (name for _, name in socket.if_nameindex())


def _own_namespace() -> Iterator[str]:
    yield os.readlink("/proc/thread-self/ns/net")  # noqa: PTH115 # not a file: net:[inode]


_OURS: dict[str, Callable[[], Iterator[str]]] = {
    "entered namespace": _own_namespace,
    "process": _children,
}
_OF_THE_MACHINE: dict[str, Callable[[], Iterator[str]]] = {
    "namespace": _named_namespaces,
    "BPF prog": lambda: _bpf_ids("prog"),
    "BPF map": lambda: _bpf_ids("map"),
    "BPF link": lambda: _bpf_ids("link"),
    "mount": _mounts,
    "device": _devices,
}
