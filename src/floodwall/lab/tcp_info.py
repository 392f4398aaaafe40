"""What the kernel of a client knows of one of its connections: TCP_INFO, tcp(7)."""

import socket
import struct
from dataclasses import dataclass

_TIMESTAMPS = 1  # TCPI_OPT_* of linux/tcp.h
_SACK = 2
_WINDOW_SCALE = 4
_HEAD = struct.Struct("=8B24I")  # up to tcpi_total_retrans


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """The options both sides agreed on, and segments sent again so far."""

    window_scale: bool
    sack: bool
    timestamps: bool
    retransmits: int


def tcp_info(connection: socket.socket) -> TcpInfo:
    """Ask the kernel about a connection."""
    raw = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _HEAD.size)
    fields = _HEAD.unpack(raw)
    options = fields[5]
    return TcpInfo(
        window_scale=bool(options & _WINDOW_SCALE),
        sack=bool(options & _SACK),
        timestamps=bool(options & _TIMESTAMPS),
        retransmits=fields[-1],
    )
