"""One loaded BPF program: who it is, and BPF_PROG_TEST_RUN with it."""

import ctypes
import os
import struct
from dataclasses import dataclass
from typing import Self

from floodwall.kernel.descriptor import inspect
from floodwall.kernel.failure import check
from floodwall.kernel.libbpf import TestRunOpts, libbpf

XDP_TYPE = 6  # BPF_PROG_TYPE_XDP
_LIVE_FRAMES = 2  # BPF_F_TEST_XDP_LIVE_FRAMES, minimum kernel 5.18
_HEADROOM = 256  # XDP_PACKET_HEADROOM: as much may a program add in front
_XDP_MD = struct.Struct("=6I")  # data, data_end, data_meta, ingress_ifindex, rx_queue, egress


class ProgramInfo(ctypes.Structure):
    """The first fields of struct bpf_prog_info."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("id", ctypes.c_uint32),
        ("tag", ctypes.c_uint8 * 8),
        ("jited_len", ctypes.c_uint32),
        ("xlated_len", ctypes.c_uint32),
        ("jited_insns", ctypes.c_uint64),
        ("xlated_insns", ctypes.c_uint64),
        ("load_time", ctypes.c_uint64),
        ("created_by_uid", ctypes.c_uint32),
        ("nr_map_ids", ctypes.c_uint32),
        ("map_ids", ctypes.c_uint64),
        ("name", ctypes.c_char * 16),
    )


@dataclass(frozen=True, slots=True)
class TestRun:
    """What one run of a program over a packet gave; `duration_ns` is the mean over the repeats."""

    __test__ = False  # not a test class, whatever pytest reads into the name

    verdict: int
    packet: bytes
    duration_ns: int
    context: bytes
    metadata: bytes


class Program:
    """A loaded program; it owns its descriptor only if it was opened by id or pin."""

    def __init__(self, fd: int, name: str = "", *, owned: bool = False) -> None:
        """Describe the program behind `fd`; `name` replaces the kernel's 15 characters."""
        info = inspect(fd, ProgramInfo(), "program", name)
        self.fd = fd
        self.name = name or info.name.decode()
        self.id = int(info.id)
        self.tag = bytes(info.tag).hex()
        self.type = int(info.type)
        self._owned = owned

    @classmethod
    def from_id(cls, number: int) -> Self:
        """Open the program with this id."""
        fd = check(libbpf().calls.bpf_prog_get_fd_by_id(number), "open program", f"id {number}")
        return cls(fd, owned=True)

    def close(self) -> None:
        """Give an owned descriptor back."""
        if self._owned and self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def test_run(
        self, packet: bytes, *, repeat: int = 1, context: bytes | None = None, flags: int = 0
    ) -> TestRun:
        """Run over `packet`; bytes that XDP put in front come back as `metadata`."""
        if context is None and self.type == XDP_TYPE:
            context = _XDP_MD.pack(0, len(packet), 0, 0, 0, 0)
        room = len(packet) + _HEADROOM
        out = ctypes.create_string_buffer(room)
        options = TestRunOpts(ctypes.sizeof(TestRunOpts), packet, ctypes.addressof(out))
        options.data_size_in = len(packet)
        options.data_size_out = room
        options.repeat = repeat
        options.flags = flags
        before, after = _contexts(options, context)
        result = libbpf().calls.bpf_prog_test_run_opts(self.fd, ctypes.byref(options))
        check(result, "run program", self.name)
        seen = after.raw if after else b""
        cut = _XDP_MD.unpack_from(seen)[0] if before and self.type == XDP_TYPE else 0
        size = options.data_size_out
        return TestRun(options.retval, out.raw[cut:size], options.duration, seen, out.raw[:cut])

    def call(self, context: bytes) -> int:
        """Run a program of type syscall with these bytes.  Minimum kernel: 5.14."""
        options = TestRunOpts(ctypes.sizeof(TestRunOpts))
        given = ctypes.create_string_buffer(context, len(context))
        options.ctx_in = ctypes.addressof(given)
        options.ctx_size_in = len(context)
        result = libbpf().calls.bpf_prog_test_run_opts(self.fd, ctypes.byref(options))
        check(result, "call program", self.name)
        return int(options.retval)

    def test_run_live(self, packet: bytes, ifindex: int, repeat: int, batch: int = 64) -> None:
        """Send `repeat` frames as if received on `ifindex`; XDP_TX and XDP_REDIRECT are real.

        Minimum kernel: 5.18.
        """
        context = _XDP_MD.pack(0, len(packet), 0, ifindex, 0, 0)
        options = TestRunOpts(ctypes.sizeof(TestRunOpts), packet)
        options.data_size_in = len(packet)
        before = ctypes.create_string_buffer(context, len(context))
        options.ctx_in = ctypes.addressof(before)
        options.ctx_size_in = len(context)
        options.repeat = repeat
        options.batch_size = batch
        options.flags = _LIVE_FRAMES
        result = libbpf().calls.bpf_prog_test_run_opts(self.fd, ctypes.byref(options))
        check(result, "send live frames with", self.name)


_Buffer = ctypes.Array[ctypes.c_char]


def _contexts(options: TestRunOpts, context: bytes | None) -> tuple[_Buffer | None, _Buffer | None]:
    """Point the options at a context in and out; the caller keeps both alive."""
    if context is None:
        return None, None
    before = ctypes.create_string_buffer(context, len(context))
    after = ctypes.create_string_buffer(len(context))
    options.ctx_in = ctypes.addressof(before)
    options.ctx_out = ctypes.addressof(after)
    options.ctx_size_in = options.ctx_size_out = len(context)
    return before, after
