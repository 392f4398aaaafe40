"""Giving up power for good: user, groups, capabilities, and the way back to them.

Sources: capabilities(7), capset(2), prctl(2).
"""

import ctypes
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from floodwall.core.errors import KernelError
from floodwall.kernel.accounts import GROUP, PASSWD, read_accounts

_NOBODY = 65534
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@dataclass(frozen=True, slots=True)
class User:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def find_user(*names: str, path: Path = PASSWD) -> User:
    """Return the first user that there is; nobody if there is none of them."""
    users = {fields[0]: fields for fields in read_accounts(path, 4)}
    for name in names:
        if fields := users.get(name):
            return User(name, int(fields[2]), int(fields[3]))
    return User("nobody", _NOBODY, _NOBODY)


def groups_of(user: User, path: Path = GROUP) -> list[int]:
    """Return the groups that a user is in by the file."""
    return [
        int(fields[2])
        for fields in read_accounts(path, 4)
        if user.name in fields[3].split(",") or int(fields[2]) == user.gid
    ]


def become(user: User, groups: list[int]) -> None:
    """Become a user for good, with these groups, or raise KernelError."""
    try:
        os.setgroups(groups)
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
    except OSError as error:
        message = f"cannot become {user.name}: {error.strerror}"
        hint = "start it as that user, or with CAP_SETUID and CAP_SETGID"
        raise KernelError(message, op="setresuid", errno=error.errno or 0, hint=hint) from error
    never_more()


def drop_capabilities() -> None:
    """Keep the user, and none of its capabilities."""
    header, data = _Header(_CAPABILITY_VERSION_3, 0), (_Data * 2)()
    _call("capset", ctypes.byref(header), ctypes.byref(data))
    never_more()


def never_more() -> None:
    """Gain nothing by any program that is run from here on."""
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Be ended when the parent ends; a change of user would forget it."""
    _call("prctl", _PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        message = f"{name} failed: {os.strerror(number)}"
        raise KernelError(message, op=name, errno=number)
