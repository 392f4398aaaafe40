"""Turns an errno into a KernelError that reads as a path and says what to do."""

import errno
import os

from floodwall.core.errors import KernelError

_HINTS = {
    errno.EPERM: "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON",
    errno.EACCES: "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON",
    errno.ENOMEM: "memory for BPF is short: raise the memory limit of the cgroup or RLIMIT_MEMLOCK",
    errno.EMFILE: "raise the limit of open files: ulimit -n, LimitNOFILE= of a unit",
    errno.EROFS: "let it be writable; in a container mount a tmpfs there",
}


def kernel_error(op: str, code: int, obj: str = "", *, hint: str = "") -> KernelError:
    """Return the error of `op` on `obj`; `code` is an errno of either sign."""
    number = abs(code)
    subject = f"{op} {obj}" if obj else op
    return KernelError(
        f"{subject}: {os.strerror(number)}",
        op=op,
        errno=number,
        obj=obj,
        hint=hint or _HINTS.get(number, ""),
    )


def check(result: int, op: str, obj: str = "", *, hint: str = "") -> int:
    """Return a result of libbpf that is not negative, else raise it as a KernelError."""
    if result < 0:
        raise kernel_error(op, result, obj, hint=hint)
    return result
