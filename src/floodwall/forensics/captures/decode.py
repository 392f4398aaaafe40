"""IPv4, IPv6 and TCP headers of whole blocks of frames become segments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Frames, Positions, gather, number
from floodwall.forensics.captures.link import ip_positions
from floodwall.forensics.captures.options import read_options
from floodwall.forensics.evidence import Flag, Origin, Segments, blank
from floodwall.forensics.partial import Packets

_TCP, _IPIP, _SIXINFOUR = 6, 4, 41
_MOST_TUNNELS = 4
_MOST_EXTENSIONS = 6
_FRAGMENT, _AUTHENTICATION = 44, 51
_LENGTH_IN_8 = (0, 43, 60, 135, 139, 140)  # extension headers, RFC 8200 section 4 and IANA
_TCP_BYTES = 20
_FLAGS_BYTES = 14
_MAPPED = np.uint64(0xFFFF << 32)


@dataclass(slots=True)
class _Packets:
    """Rows of packets; a row that is no TCP segment gets `transport` -1."""

    row: NDArray[np.int64]
    ip: Positions
    transport: Positions
    payload_end: Positions
    protocol: NDArray[np.int64]
    source: tuple[NDArray[np.uint64], NDArray[np.uint64]]
    victim: tuple[NDArray[np.uint64], NDArray[np.uint64]]
    ttl: NDArray[np.int64]
    later: NDArray[np.bool_]
    broken: NDArray[np.bool_]


def decode(frames: Frames, counted: Packets) -> Segments:
    """Return the TCP segments of frames, and count what else there was."""
    return decode_rows(frames, counted)[0]


def decode_rows(frames: Frames, counted: Packets) -> tuple[Segments, NDArray[np.int64]]:
    """Return the TCP segments of frames, and the frame of each."""
    counted.total += len(frames)
    position = ip_positions(frames)
    if position is None:
        counted.foreign += len(frames)
        return blank(0), np.zeros(0, np.int64)
    row = np.flatnonzero(position >= 0)
    counted.foreign += len(frames) - len(row)
    found, rows = [blank(0)], [np.zeros(0, np.int64)]
    for _ in range(_MOST_TUNNELS + 1):
        if not len(row):
            break
        packets = _network(frames, row, position[row])
        inside = np.isin(packets.protocol, (_IPIP, _SIXINFOUR)) & (packets.transport >= 0)
        segments, of_frames = _transport(frames, packets, counted, tunnels=inside)
        found.append(segments)
        rows.append(of_frames)
        row = packets.row[inside]
        position = np.full(len(frames), -1, np.int64)
        position[row] = packets.transport[inside]
    if len(found) == 2:  # no tunnels: nothing to copy
        return found[1], rows[1]
    return np.concatenate(found), np.concatenate(rows)


def _network(frames: Frames, row: NDArray[np.int64], ip: Positions) -> _Packets:
    head = gather(frames.buffer, ip, 40)
    end = frames.end[row]
    version = head[:, 0] >> 4
    four, six = version == 4, version == 6
    length = (head[:, 0] & 15).astype(np.int64) * 4
    size = number(head, 2, 2).astype(np.int64)
    fragment = number(head, 6, 2).astype(np.int64) & 0x1FFF
    sound = np.where(four, (length >= 20) & (ip + length <= end), six & (ip + 40 <= end))
    total = np.where(size >= length, size, np.int64(1) << 40)  # 0: segmentation offload
    six_size = number(head, 4, 2).astype(np.int64)
    total = np.where(six, np.where(six_size > 0, six_size + 40, np.int64(1) << 40), total)
    zero = np.zeros(len(row), np.uint64)
    packets = _Packets(
        row=row,
        ip=ip,
        transport=np.where(sound, ip + np.where(four, length, 40), -1),
        payload_end=np.minimum(ip + total, end),
        protocol=np.where(four, head[:, 9], head[:, 6]).astype(np.int64),
        source=(
            np.where(four, zero, number(head, 8, 8)),
            np.where(four, _MAPPED | number(head, 12, 4), number(head, 16, 8)),
        ),
        victim=(
            np.where(four, zero, number(head, 24, 8)),
            np.where(four, _MAPPED | number(head, 16, 4), number(head, 32, 8)),
        ),
        ttl=np.where(four, head[:, 8], head[:, 7]).astype(np.int64),
        later=four & (fragment > 0),
        broken=~sound,
    )
    if six.any():
        _skip_extensions(frames, packets, six & sound)
    return packets


def _skip_extensions(frames: Frames, packets: _Packets, six: NDArray[np.bool_]) -> None:
    """Move to the transport header behind the extension headers of IPv6."""
    for _ in range(_MOST_EXTENSIONS):
        by_eight = np.isin(packets.protocol, _LENGTH_IN_8)
        fragment, proof = packets.protocol == _FRAGMENT, packets.protocol == _AUTHENTICATION
        rows = np.flatnonzero(six & (by_eight | fragment | proof) & ~packets.later)
        if not len(rows):
            return
        at = packets.transport[rows]
        head = gather(frames.buffer, at, 8).astype(np.int64)
        units = np.where(proof[rows], (head[:, 1] + 2) * 4, (head[:, 1] + 1) * 8)
        size = np.where(fragment[rows], 8, units)
        packets.later[rows] |= fragment[rows] & (head[:, 2] << 8 | head[:, 3] & 0xF8 > 0)
        packets.protocol[rows] = head[:, 0]
        packets.transport[rows] = at + size
        lost = at + 8 > packets.payload_end[rows]
        packets.broken[rows] |= lost
        packets.protocol[rows[lost]] = -1


def _transport(
    frames: Frames, packets: _Packets, counted: Packets, *, tunnels: NDArray[np.bool_]
) -> tuple[Segments, NDArray[np.int64]]:
    """Return the segments among packets, and the frame of each."""
    is_tcp = (packets.protocol == _TCP) & ~packets.later & ~packets.broken
    counted.fragments += int(np.count_nonzero(packets.later))
    counted.unread += int(np.count_nonzero(packets.broken))
    other = ~is_tcp & ~packets.later & ~packets.broken & ~tunnels
    counted.foreign += int(np.count_nonzero(other))
    rows = np.flatnonzero(is_tcp)
    at, end = packets.transport[rows], packets.payload_end[rows]
    head = gather(frames.buffer, at, _TCP_BYTES)
    offset = (head[:, 12] >> 4).astype(np.int64) * 4
    sound = (at + _FLAGS_BYTES <= end) & (offset >= _TCP_BYTES)
    counted.unread += int(np.count_nonzero(~sound))
    if not sound.all():
        rows, at, end, head, offset = rows[sound], at[sound], end[sound], head[sound], offset[sound]
    counted.tcp += len(rows)
    made = blank(len(rows))
    made["at"] = frames.at[packets.row[rows]]
    made["source_high"], made["source_low"] = packets.source[0][rows], packets.source[1][rows]
    made["victim_high"], made["victim_low"] = packets.victim[0][rows], packets.victim[1][rows]
    made["source_port"], made["port"] = number(head, 0, 2), number(head, 2, 2)
    made["sequence"], made["acknowledgement"] = number(head, 4, 4), number(head, 8, 4)
    made["flags"], made["ttl"] = head[:, 13], packets.ttl[rows]
    made["window"] = number(head, 14, 2)
    made["origin"] = int(Origin.CAPTURE)
    made["data"] = np.maximum(0, end - at - offset)
    requests = np.flatnonzero((head[:, 13] & (Flag.SYN | Flag.ACK)) == Flag.SYN)
    if len(requests):
        behind = np.minimum(at[requests] + offset[requests], end[requests])
        layout, mss = read_options(frames.buffer, at[requests] + _TCP_BYTES, behind)
        made["layout"][requests], made["mss"][requests] = layout, mss
    return made, packets.row[rows]
