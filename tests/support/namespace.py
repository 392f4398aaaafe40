"""A network namespace of our own for as long as a block runs; nothing of it has a name."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_CLONE_NEWNET = 0x40000000  # linux/sched.h
_SO_NETNS_COOKIE = 71  # asm-generic/socket.h, minimum kernel 5.14
_NETNS = Path("/proc/thread-self/ns/net")
_HOME = _NETNS.readlink()  # where this process was born


@contextmanager
def own_namespace(addresses: Sequence[str] = ()) -> Iterator[None]:
    """Put this thread into a new namespace with a running loopback that has `addresses`."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open(_NETNS, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare network namespace")
        try:
            _bring_up(addresses)
            yield
        finally:
            if libc.setns(home, _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "return to the first network namespace")
    finally:
        os.close(home)


def netns_cookie() -> int:
    """Return the number by which BPF knows the namespace of this thread."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        raw = probe.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8)
    return int.from_bytes(raw, "little")


def write_sysctl(name: str, value: int) -> None:
    """Set a sysctl of the namespace of this thread."""
    if _NETNS.readlink() == _HOME:
        raise RuntimeError(f"refusing to set {name} outside a namespace of our own")
    Path("/proc/sys", *name.split(".")).write_text(str(value))


def ip(*arguments: str) -> None:
    """Run iproute2 in the namespace of this thread."""
    subprocess.run(["ip", *arguments], check=True)


def _bring_up(addresses: Sequence[str]) -> None:
    ip("link", "set", "lo", "up")
    for address in addresses:
        whole = f"{address}/128" if ":" in address else f"{address}/32"
        ip("address", "add", whole, "dev", "lo", *(["nodad"] if ":" in address else []))
