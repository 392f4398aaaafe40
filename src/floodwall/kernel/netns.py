"""The network namespace that this thread is in, and how to be in another one for a while."""

import contextlib
import ctypes
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from floodwall.core.errors import NotSupported
from floodwall.kernel.failure import kernel_error

_SO_NETNS_COOKIE = 71  # asm-generic/socket.h, minimum kernel 5.14
_CLONE_NEWNET = 0x40000000
_HERE = Path("/proc/thread-self/ns/net")


def netns_cookie() -> int:
    """Return the number of this network namespace, unique since boot.  Minimum kernel: 5.14."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            raw = probe.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8)
        except OSError as error:
            message = f"this kernel does not number its network namespaces: {error.strerror}"
            raise NotSupported(message, feature="SO_NETNS_COOKIE", minimum_kernel="5.14") from error
    return int.from_bytes(raw, "little")


def current_inode() -> int:
    """Return the inode of this thread's network namespace, as `lsns` shows it."""
    return _HERE.stat().st_ino


@contextlib.contextmanager
def enter(target: Path | int) -> Iterator[None]:
    """Put this thread, and no other one, into the network namespace of a path or descriptor."""
    home = os.open(_HERE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if isinstance(target, int):
            _setns(target, f"descriptor {target}")
        else:
            there = _open(target)
            try:
                _setns(there, os.fspath(target))
            finally:
                os.close(there)
        try:
            yield
        finally:
            _setns(home, "the former network namespace")
    finally:
        os.close(home)


@contextlib.contextmanager
def private() -> Iterator[None]:
    """Put this thread, and no other one, into a new network namespace that nobody else sees.

    It goes when the last descriptor that was opened in it is closed.  Needs CAP_SYS_ADMIN.
    """
    home = os.open(_HERE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET) != 0:
            raise kernel_error("make network namespace", ctypes.get_errno(), "of our own")
        try:
            yield
        finally:
            _setns(home, "the former network namespace")
    finally:
        os.close(home)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        op = "open network namespace"
        raise kernel_error(op, error.errno or 0, os.fspath(path)) from error


def _setns(fd: int, name: str) -> None:
    # os.setns exists from Python 3.12 on.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, _CLONE_NEWNET) != 0:
        raise kernel_error("enter network namespace", ctypes.get_errno(), name)
