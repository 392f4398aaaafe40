"""Link layers: where the IP header of each frame begins.  Numbers are those of tcpdump.org."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Bytes, Frames, Positions, gather, number

_NONE = np.int64(-1)
_IPV4, _IPV6 = 0x0800, 0x86DD
_TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)
_PPPOE, _MPLS = 0x8864, 0x8847
_MOST_TAGS = 4
_LLC_SNAP = 0xAAAA03
_LARGEST_LENGTH = 1500  # IEEE 802.3: below it the field is a length
_FABRICPATH = 0x8903
_PPP = {0x0021: _IPV4, 0x0057: _IPV6}
_NFLOG_PAYLOAD = 9
_MOST_TLVS = 32


def ip_positions(frames: Frames) -> Positions | None:
    """Return where each IP header begins, -1 where there is none; None for unknown links."""
    decode = _LINKS.get(frames.link)
    return None if decode is None else decode(frames)


def is_known(link: int) -> bool:
    """Tell whether frames of a link type can be read."""
    return link in _LINKS


def _ethernet(frames: Frames) -> Positions:
    return _ethertype(frames.buffer, frames.start + 12)


def _ethertype(buffer: Bytes, at: Positions) -> Positions:
    """Follow tags and tunnels of the second layer from the position of an ethertype."""
    kind = _number_at(buffer, at, 2)
    position = at + 2
    for _ in range(_MOST_TAGS):
        tagged = np.isin(kind, _TAGS)
        if not tagged.any():
            break
        position = np.where(tagged, position + 4, position)
        kind = np.where(tagged, _number_at(buffer, position - 2, 2), kind)
    found = np.where((kind == _IPV4) | (kind == _IPV6), position, _NONE)
    rest = np.flatnonzero(found < 0)
    if len(rest):
        found[rest] = _rare(buffer, kind[rest], position[rest])
    return found


def _rare(buffer: Bytes, kind: NDArray[np.int64], position: Positions) -> Positions:
    found = np.full(len(kind), _NONE)
    snap = (kind <= _LARGEST_LENGTH) & (_number_at(buffer, position, 3) == _LLC_SNAP)
    inner = _number_at(buffer, position + 6, 2)
    found = np.where(snap & np.isin(inner, (_IPV4, _IPV6)), position + 8, found)
    protocol = _number_at(buffer, position + 6, 2)
    carried = (kind == _PPPOE) & np.isin(protocol, tuple(_PPP))
    found = np.where(carried, position + 8, found)
    if (kind == _FABRICPATH).any():  # 14 more bytes, then a whole Ethernet frame
        fabric = np.flatnonzero(kind == _FABRICPATH)
        found[fabric] = _ethertype(buffer, position[fabric] + 14)
    bottom, label = np.full(len(kind), _NONE), position
    for _ in range(_MOST_TAGS):
        last = (_number_at(buffer, label + 2, 1) & 1) == 1
        bottom = np.where((bottom < 0) & last, label + 4, bottom)
        label = label + 4
    return np.where((kind == _MPLS) & (bottom >= 0), bottom, found)


def _raw(frames: Frames) -> Positions:
    return frames.start.copy()


def _loopback(frames: Frames) -> Positions:
    """Four bytes of address family, in the byte order of whoever captured; IP tells the rest."""
    return frames.start + 4


def _cooked(frames: Frames) -> Positions:
    return _ethertype(frames.buffer, frames.start + 14)


def _cooked2(frames: Frames) -> Positions:
    kind = _number_at(frames.buffer, frames.start, 2)
    position = frames.start + 20
    for _ in range(_MOST_TAGS):
        tagged = np.isin(kind, _TAGS)
        if not tagged.any():
            break
        position = np.where(tagged, position + 4, position)
        kind = np.where(tagged, _number_at(frames.buffer, position - 2, 2), kind)
    return np.where((kind == _IPV4) | (kind == _IPV6), position, _NONE)


def _ppp(frames: Frames) -> Positions:
    with_address = _number_at(frames.buffer, frames.start, 2) == 0xFF03
    start = frames.start + np.where(with_address, 2, 0)
    protocol = _number_at(frames.buffer, start, 2)
    return np.where(np.isin(protocol, tuple(_PPP)), start + 2, _NONE)


def _nflog(frames: Frames) -> Positions:
    """Attributes in the byte order of whoever captured; the one that holds the packet is 9."""
    found = np.full(len(frames), _NONE)
    content = frames.buffer.tobytes()
    for row, (start, end) in enumerate(
        zip(frames.start.tolist(), frames.end.tolist(), strict=True)
    ):
        cursor = start + 4
        for _ in range(_MOST_TLVS):
            if cursor + 4 > end:
                break
            size = int.from_bytes(content[cursor : cursor + 2], "little")
            kind = int.from_bytes(content[cursor + 2 : cursor + 4], "little") & 0x7FFF
            if kind == _NFLOG_PAYLOAD:
                found[row] = cursor + 4
                break
            if size < 4:
                break
            cursor += (size + 3) // 4 * 4
    return found


def _number_at(buffer: Bytes, positions: Positions, width: int) -> NDArray[np.int64]:
    return number(gather(buffer, positions, width), 0, width).astype(np.int64)


_LINKS: dict[int, Callable[[Frames], Positions]] = {
    0: _loopback,  # NULL
    1: _ethernet,
    9: _ppp,
    12: _raw,  # RAW, as some systems number it
    14: _raw,
    101: _raw,
    108: _loopback,  # LOOP
    113: _cooked,  # LINUX_SLL
    228: _raw,  # IPV4
    229: _raw,  # IPV6
    239: _nflog,
    276: _cooked2,  # LINUX_SLL2
}
