"""Network namespaces without names: held by a descriptor of this process, gone when it is.

Law: nothing of the lab is ever configured outside such a namespace.
"""

import ctypes
import os
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from floodwall.core.errors import KernelError
from floodwall.kernel.netns import enter

Result = TypeVar("Result")

_CLONE_NEWNET = 0x40000000


@dataclass(frozen=True, slots=True)
class Namespace:
    """One network namespace; `name` is for people, the kernel knows it by its inode."""

    name: str
    fd: int
    inode: int

    @classmethod
    def create(cls, name: str) -> "Namespace":
        """Make a namespace in a thread of its own: this process does not move."""
        with ThreadPoolExecutor(max_workers=1) as thread:
            fd = thread.submit(_unshare, name).result()
        return cls(name, fd, os.fstat(fd).st_ino)

    @property
    def path(self) -> str:
        """A path that other processes of root can open while this one lives."""
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    def call(self, function: Callable[[], Result]) -> Result:
        """Run a function with this thread inside the namespace, and come back."""
        with enter(self.fd):
            return function()

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line that runs `arguments` inside."""
        return ["nsenter", f"--net={self.path}", "--", *arguments]

    def run(self, arguments: Sequence[str], text: str = "") -> str:
        """Run a tool inside to its end, with `text` on its input, and return its output."""
        done = subprocess.run(
            self.command(arguments), input=text, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise KernelError(f"{' '.join(arguments[:4])} failed in {self.name}: {said}")
        return done.stdout

    def write_sysctl(self, name: str, value: int) -> None:
        """Set a net.* value of this namespace, such as `ipv4.tcp_syncookies`."""
        self.call(lambda: _sysctl_path(name).write_text(str(value)))

    def close(self) -> None:
        """Let go; the kernel removes it with its interfaces once no process is left inside."""
        os.close(self.fd)


def _sysctl_path(name: str) -> Path:
    return Path("/proc/sys/net") / name.replace(".", "/")


def _unshare(name: str) -> int:
    """Move this thread into a fresh namespace and return a descriptor of it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) < 0:
        number = ctypes.get_errno()
        raise KernelError(
            f"cannot make network namespace {name}: {os.strerror(number)}",
            op="unshare",
            errno=number,
            obj=name,
            hint="the lab needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN)",
        )
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
