"""The exact generator: prepared frames through AF_PACKET, each at its time.

Good from one packet in ten seconds to about half a million a second.  packet(7), sendmmsg(2).
"""

import ctypes
import errno
import math
import socket
import time

import numpy as np

from floodwall.core.errors import KernelError
from floodwall.lab import frames
from floodwall.lab.flood import Engine, FloodOrder, FloodReport, Window

_SOL_PACKET = 263  # linux/socket.h
_PACKET_QDISC_BYPASS = 20  # linux/if_packet.h
_RING_MAX = 131_072  # different frames; then they come again
_BATCH = 512
_NAP_S = 0.001  # shorter sleeps are not kept by a kernel at 250 Hz under load
_BUSY = frozenset({errno.ENOBUFS, errno.EAGAIN})  # the receive queue of the server is full

_libc = ctypes.CDLL(None, use_errno=True)


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Msghdr(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("namelen", ctypes.c_uint32),
        ("iov", ctypes.c_void_p),
        ("iovlen", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("controllen", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Mmsghdr(ctypes.Structure):
    _fields_ = (("header", _Msghdr), ("sent", ctypes.c_uint32))


class Ring:
    """Prepared frames and the messages that point at them, sent from the front to the back."""

    def __init__(self, rows: frames.Bytes) -> None:
        """Keep the frames and make one message for each."""
        self._rows = np.ascontiguousarray(rows)
        self._count = len(rows)
        self._next = 0
        width = rows.shape[1]
        first = self._rows.ctypes.data
        self._iovecs = (_Iovec * self._count)()
        self._messages = (_Mmsghdr * self._count)()
        iov = ctypes.addressof(self._iovecs)
        step = ctypes.sizeof(_Iovec)
        for number in range(self._count):
            self._iovecs[number] = _Iovec(first + number * width, width)
            header = self._messages[number].header
            header.iov = iov + number * step
            header.iovlen = 1

    def send(self, descriptor: int, count: int) -> int:
        """Send up to `count` of the next frames in one call; return how many went."""
        count = min(count, _BATCH, self._count - self._next)
        begin = ctypes.byref(self._messages, self._next * ctypes.sizeof(_Mmsghdr))
        gone = int(_libc.sendmmsg(descriptor, begin, count, 0))
        if gone < 0:
            number = ctypes.get_errno()
            if number in _BUSY:
                return 0
            raise KernelError("cannot send frames", op="sendmmsg", errno=number)
        self._next = (self._next + gone) % self._count
        return gone


class ExactGenerator:
    """Sends the packets of an order at the rate of its flood."""

    def __init__(self, order: FloodOrder) -> None:
        """Prepare frames and socket; nothing is sent yet."""
        flood = order.flood
        self._order = order
        self._rate = flood.rate_pps or math.inf
        seconds = sum(stop - start for start, stop in order.windows) / 1e9
        wanted = min(self._rate * seconds + 1, order.max_packets, _RING_MAX)
        whole = max(1, int(wanted))
        listed = len(frames.fixed_sources(flood))
        turns = math.lcm(listed or 1, flood.sweep.count if flood.sweep else 1)
        if whole > turns:
            whole -= whole % turns  # every source and every port as often as the others
        self._ring = Ring(frames.ring(flood, order.aim, whole))
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_QDISC_BYPASS, 1)
        self._socket.bind((order.aim.interface, 0))

    def run(self, windows: tuple[Window, ...]) -> FloodReport:
        """Send until the last window, monotonic ns, is over or the packets are spent."""
        sent = refused = first_ns = last_ns = 0
        for start_ns, stop_ns in windows:
            begun = sent
            while (now := time.monotonic_ns()) < stop_ns and sent < self._order.max_packets:
                due = self._due(now, start_ns, stop_ns) - (sent - begun)
                if due <= 0:
                    time.sleep(self._pause_s(now, start_ns, sent - begun))
                    continue
                gone = self._ring.send(self._socket.fileno(), due)
                refused += not gone
                if gone:
                    first_ns = first_ns or now
                    last_ns = now
                sent += gone
        self.close()
        return FloodReport(Engine.EXACT, sent, refused, first_ns, last_ns)

    def close(self) -> None:
        """Send no more."""
        self._socket.close()

    def _due(self, now: int, start_ns: int, stop_ns: int) -> int:
        """Return how many packets should have left since the window began."""
        if now < start_ns:
            return 0
        if math.isinf(self._rate):
            return self._order.max_packets
        steady = (now - start_ns) * self._rate / 1e9
        if self._order.flood.ramp:  # the area under a line that ends at the rate
            steady *= (now - start_ns) / (stop_ns - start_ns) / 2
        return int(steady) + 1

    def _pause_s(self, now: int, start_ns: int, sent: int) -> float:
        """Return how long to sleep: to the next packet, but at most a millisecond when it is far.

        Not longer than a tenth of a second, so that the end of a window is kept.
        """
        if now < start_ns:
            return min((start_ns - now) / 1e9, 0.1)
        if self._order.flood.ramp:
            return _NAP_S
        next_ns = start_ns + sent * 1e9 / self._rate
        return min(max((next_ns - now) / 1e9, _NAP_S), 0.1)
