"""What a segment's TCP options say, read as Linux reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

WINDOW_SCALE_MAX = 14  # RFC 7323 section 2.3


class Offer(NamedTuple):
    """The options that matter; None means absent."""

    mss: int | None = None
    window_scale: int | None = None
    sack: bool = False
    timestamps: tuple[int, int] | None = None  # value, echo
    authenticated: bool = False


_NOTHING = Offer()
_END, _NOP = 0, 1
_MSS, _SCALE, _SACK, _TIMES = (2, 2), (3, 1), (4, 0), (8, 8)  # kind, bytes of body
_SIGNATURES = frozenset({19, 29})  # TCP-MD5, TCP-AO


def read_offer(options: bytes) -> Offer:
    """Return the options; a later one of the same kind wins, a broken length ends the list."""
    if not options:
        return _NOTHING
    mss, scale, sack, times, authenticated = _NOTHING
    for kind, body in _well_formed(options):
        shape = (kind, len(body))
        if shape == _MSS:
            mss = int.from_bytes(body, "big") or mss
        elif shape == _SCALE:
            scale = min(body[0], WINDOW_SCALE_MAX)
        elif shape == _SACK:
            sack = True
        elif shape == _TIMES:
            times = (int.from_bytes(body[:4], "big"), int.from_bytes(body[4:], "big"))
        elif kind in _SIGNATURES:
            authenticated = True
    return Offer(mss, scale, sack, times, authenticated)


def _well_formed(options: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of each option up to the end of the list or its first broken one."""
    position, end = 0, len(options)
    while position < end and options[position] != _END:
        if options[position] == _NOP:
            position += 1
            continue
        length = options[position + 1] if position + 1 < end else 0
        if length < 2 or position + length > end:
            return
        yield options[position], options[position + 2 : position + length]
        position += length
