"""Runs a command as a unit file says, where no service manager runs: a program of its own.

`python -m tests.support.sandbox UNIT WRITABLE... -- COMMAND...`, as root.  It obeys what the kernel
enforces and can break a daemon: capabilities, system calls, executable memory, a read-only file
system with the unit's places (and WRITABLE) apart.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "contrib" / "floodwall.service"

_CLONE_NEWNS = 0x00020000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_PR_SET_MDWE, _REFUSE_EXEC_GAIN = 65, 1  # linux/prctl.h, minimum kernel 6.3
_SCMP_ACT_ALLOW = 0x7FFF0000
_SCMP_ACT_ERRNO = 0x00050000
_EPERM = 1


def directives(unit: Path = UNIT) -> Iterator[tuple[str, str]]:
    """Yield every name and value of a unit file, in order."""
    for line in unit.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";", "[")):
            yield name, value


def values(name: str, unit: Path = UNIT) -> list[str]:
    """Return all values of one name."""
    return [value for key, value in directives(unit) if key == name]


def allowed_calls(filters: Sequence[str]) -> set[str]:
    """Return the system calls that SystemCallFilter= lines leave, `~` taking away."""
    calls: set[str] = set()
    for line in filters:
        names = {call for word in line.removeprefix("~").split() for call in _expand(word)}
        calls = calls - names if line.startswith("~") else calls | names
    # Without these nothing could begin: systemd adds them, too.
    return calls | {"execve", "exit", "exit_group", "getrlimit", "rt_sigreturn", "sigreturn"}


def _expand(word: str) -> Iterator[str]:
    if not word.startswith("@"):
        yield word
        return
    shown = subprocess.run(
        ["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True
    )
    for line in shown.stdout.splitlines()[1:]:
        name = line.strip()
        if name and not name.startswith("#"):
            yield from _expand(name)


def main(arguments: Sequence[str]) -> None:
    """Become the command, sandboxed."""
    if arguments[0] == "--inside":
        _enter_filter(arguments[1].split(","))
        os.execvp(arguments[2], list(arguments[2:]))  # noqa: S606  to become it is the point
    split = arguments.index("--")
    unit, writable = Path(arguments[0]), arguments[1:split]
    calls = allowed_calls(values("SystemCallFilter", unit))
    _enter_mounts([*writable, "/run/floodwall"])
    capabilities = values("CapabilityBoundingSet", unit)[0].lower().replace("cap_", "+").split()
    # Root gets what the bounding set leaves; the filter needs no power with no_new_privs.
    os.execvp(  # noqa: S606  to become it is the point
        "setpriv",
        [
            "setpriv",
            "--no-new-privs",
            f"--bounding-set={','.join(['-all', *capabilities])}",
            "--inh-caps=-all",
            *(sys.executable, str(Path(__file__).resolve()), "--inside", ",".join(sorted(calls))),
            *arguments[split + 1 :],
        ],
    )


def _enter_mounts(writable: Sequence[str]) -> None:
    """Let everything be read-only but the API file systems, bpffs and the unit's own places."""
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source: str, target: str, kind: str | None, flags: int) -> None:
        kind_raw = kind.encode() if kind else None
        if libc.mount(source.encode(), target.encode(), kind_raw, flags, None):
            raise OSError(ctypes.get_errno(), f"mount {target}")

    if libc.unshare(_CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare mount namespace")
    mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    # As every machine with systemd has it.
    mount("bpf", "/sys/fs/bpf", "bpf", 0)
    for place in writable:
        Path(place).mkdir(parents=True, exist_ok=True)
        mount(place, place, None, _MS_BIND | _MS_REC)
    mount("none", "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY)


def _enter_filter(calls: Sequence[str]) -> None:
    """Refuse every other system call, and memory that is writable and executable."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_MDWE")
    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(_SCMP_ACT_ERRNO | _EPERM))
    for call in calls:
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            seccomp.seccomp_rule_add_array(context, _SCMP_ACT_ALLOW, number, 0, None)
    if seccomp.seccomp_load(context):
        raise RuntimeError("the filter cannot be loaded")


if __name__ == "__main__":
    main(sys.argv[1:])
