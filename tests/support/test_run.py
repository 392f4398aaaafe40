"""BPF_PROG_TEST_RUN with everything prepared once, for a million frames in a row."""

from __future__ import annotations

import ctypes
import os
import platform

_SYSCALLS = {"x86_64": 321, "aarch64": 280}  # bpf(2)
_BPF_PROG_TEST_RUN = 10  # enum bpf_cmd
_ROOM = 4096


class _Attribute(ctypes.Structure):
    """The `test` member of union bpf_attr, linux/bpf.h."""

    _fields_ = (
        ("prog_fd", ctypes.c_uint32),
        ("retval", ctypes.c_uint32),
        ("data_size_in", ctypes.c_uint32),
        ("data_size_out", ctypes.c_uint32),
        ("data_in", ctypes.c_uint64),
        ("data_out", ctypes.c_uint64),
        ("repeat", ctypes.c_uint32),
        ("duration", ctypes.c_uint32),
        ("ctx_size_in", ctypes.c_uint32),
        ("ctx_size_out", ctypes.c_uint32),
        ("ctx_in", ctypes.c_uint64),
        ("ctx_out", ctypes.c_uint64),
        ("flags", ctypes.c_uint32),
        ("cpu", ctypes.c_uint32),
        ("batch_size", ctypes.c_uint32),
    )


class TestRunner:
    """Runs one XDP program over frames of 14 to 4,000 bytes."""

    __test__ = False  # not a test class, whatever pytest reads into the name

    def __init__(self, program_fd: int) -> None:
        self._input = ctypes.create_string_buffer(_ROOM)
        self._output = ctypes.create_string_buffer(_ROOM)
        self._attribute = _Attribute(prog_fd=program_fd, repeat=1)
        self._attribute.data_in = ctypes.addressof(self._input)
        self._attribute.data_out = ctypes.addressof(self._output)
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        self._arguments = (
            ctypes.c_long(_SYSCALLS[platform.machine()]),
            ctypes.c_long(_BPF_PROG_TEST_RUN),
            ctypes.byref(self._attribute),
            ctypes.c_long(ctypes.sizeof(self._attribute)),
        )

    def run(self, frame: bytes) -> tuple[int, bytes]:
        """Return the verdict and what left the program: metadata, if any, and then the frame."""
        attribute = self._attribute
        ctypes.memmove(self._input, frame, len(frame))
        attribute.data_size_in = len(frame)
        attribute.data_size_out = _ROOM
        if self._call(*self._arguments):
            problem = os.strerror(ctypes.get_errno())
            raise OSError(ctypes.get_errno(), f"test run of {len(frame)} bytes: {problem}")
        output = ctypes.string_at(attribute.data_out, attribute.data_size_out)
        return attribute.retval, output
