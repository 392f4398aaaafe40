"""The fast generator: frames that XDP writes and sends, several million a second on one CPU.

BPF_PROG_TEST_RUN with live frames runs bpf/flood.bpf.c once for each frame; the program leaves by
XDP_TX through the interface that the frames pretend to come from.  Minimum kernel: 5.18.
"""

import ctypes
import secrets
import socket
import time

from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.build import compile_object
from floodwall.lab import frames
from floodwall.lab.addresses import Family
from floodwall.lab.flood import Engine, FloodOrder, FloodReport, Window

FRAME_MAX = 96  # FLOOD_FRAME_MAX of bpf/flood.h
_PER_CALL = 1_500_000  # a call costs 5 to 25 ms of set-up, measured; so make it a long one
_BATCH = 256  # frames between two chances for others to run
_INDEX = (0).to_bytes(4, "little")


class Source(ctypes.Structure):
    """struct flood_source of bpf/flood.h."""

    _fields_ = (
        ("addr", ctypes.c_uint8 * 16),
        ("port", ctypes.c_uint16.__ctype_be__),
        ("zero", ctypes.c_uint16),
    )


class Plan(ctypes.Structure):
    """struct flood_plan of bpf/flood.h."""

    _fields_ = (
        ("length", ctypes.c_uint16),
        ("frame", ctypes.c_uint8 * FRAME_MAX),
        ("vary_ack", ctypes.c_uint16),
        ("base", Source),
        ("vary", Source),
        ("sources", ctypes.c_uint32),
        ("start_ns", ctypes.c_uint64),
        ("stop_ns", ctypes.c_uint64),
        ("rate_pps", ctypes.c_uint64),
        ("limit", ctypes.c_uint64),
        ("ip_sum", ctypes.c_uint32),
        ("tcp_sum", ctypes.c_uint32),
    )


class Progress(ctypes.Structure):
    """struct flood_progress of bpf/flood.h."""

    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in ("calls", "sent", "due", "skipped", "first_ns", "last_ns", "now_ns", "random")
    )


class FastGenerator:
    """Sends the packets of an order as fast as its flood asks for, or as it goes."""

    def __init__(self, order: FloodOrder) -> None:
        """Load the program and fill in what it sends."""
        self._order = order
        self._frame = frames.template(order.flood, order.aim)
        self._object = BpfObject.open(compile_object("flood"))
        other = "flood_ipv6" if order.flood.family is Family.IPV4 else "flood_ipv4"
        for name in (other, "flood_sink"):
            self._object.disable(name)
        self._object.load()
        listed = frames.fixed_sources(order.flood)
        for number, (address, port) in enumerate(listed):
            fixed = port if order.flood.ports.value == "fixed" else 1024
            index = number.to_bytes(4, "little")
            self._object.map("sources").update(index, _source(address, fixed))
        self._plan = self._make_plan(len(listed))

    def run(self, windows: tuple[Window, ...]) -> FloodReport:
        """Send until the last window, monotonic ns, is over or the packets are spent."""
        family = self._order.flood.family
        program = self._object.program(f"flood_ipv{family.value}")
        ifindex = socket.if_nametoindex(self._order.aim.interface)
        total = Progress()
        for start_ns, stop_ns in windows:
            self._begin(start_ns, stop_ns, total.sent)
            while (now := time.monotonic_ns()) < stop_ns:
                if now < start_ns:
                    time.sleep(min((start_ns - now) / 1e9, 0.1))
                    continue
                program.test_run_live(self._frame, ifindex, _PER_CALL, _BATCH)
                if self._progress().sent >= self._plan.limit:
                    break
            done = self._progress()
            total.sent += done.sent
            total.first_ns = total.first_ns or done.first_ns
            total.last_ns = done.last_ns or total.last_ns
        self.close()
        return FloodReport(Engine.FAST, total.sent, 0, total.first_ns, total.last_ns)

    def close(self) -> None:
        """Send no more."""
        self._object.__exit__(None, None, None)

    def _make_plan(self, sources: int) -> Plan:
        flood = self._order.flood
        span = frames.source_range(flood)
        ip_sum, tcp_sum = frames.constant_sums(self._frame, flood.family)
        return Plan(
            length=len(self._frame),
            frame=(ctypes.c_uint8 * FRAME_MAX)(*self._frame),
            vary_ack=int(flood.segment.value == "ack"),
            base=Source.from_buffer_copy(_source(span.base, span.port)),
            vary=Source.from_buffer_copy(_source(span.vary, span.vary_port)),
            sources=sources,
            rate_pps=int(flood.rate_pps or 0),
            ip_sum=ip_sum,
            tcp_sum=tcp_sum,
        )

    def _begin(self, start_ns: int, stop_ns: int, sent: int) -> None:
        """Set the times of a window and put the counters back."""
        self._plan.start_ns = start_ns
        self._plan.stop_ns = stop_ns
        self._plan.limit = self._order.max_packets - sent
        fresh = Progress(random=secrets.randbits(64) | 1)
        self._object.map("plan").update(_INDEX, bytes(self._plan))
        self._object.map("progress").update(_INDEX, bytes(fresh))

    def _progress(self) -> Progress:
        raw = self._object.map("progress").lookup(_INDEX) or bytes(ctypes.sizeof(Progress))
        return Progress.from_buffer_copy(raw)


def _source(address: bytes, port: int) -> bytes:
    return address + port.to_bytes(2, "big") + b"\0\0"
