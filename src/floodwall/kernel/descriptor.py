"""What everything has in common that the kernel gives out as a BPF descriptor."""

import ctypes
import os
from pathlib import Path
from typing import TypeVar

from floodwall.kernel.closing import Closing
from floodwall.kernel.failure import check
from floodwall.kernel.libbpf import libbpf

Info = TypeVar("Info", bound=ctypes.Structure)


class Descriptor(Closing):
    """A descriptor that is ours; -1 once it was given back."""

    fd: int

    def close(self) -> None:
        """Give the descriptor back; what is pinned or used otherwise lives on."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def inspect(fd: int, info: Info, what: str, name: str) -> Info:
    """Let the kernel fill in what it knows of an object, BPF_OBJ_GET_INFO_BY_FD."""
    size = ctypes.c_uint32(ctypes.sizeof(info))
    result = libbpf().calls.bpf_obj_get_info_by_fd(fd, ctypes.byref(info), ctypes.byref(size))
    check(result, f"inspect {what}", name)
    return info


def open_pin(path: Path) -> int:
    """Open what is pinned at `path`."""
    return check(libbpf().calls.bpf_obj_get(os.fsencode(path)), "open pin", os.fspath(path))


def pin(fd: int, path: Path) -> None:
    """Keep an object alive under `path` in a bpffs."""
    check(libbpf().calls.bpf_obj_pin(fd, os.fsencode(path)), "pin", os.fspath(path))
