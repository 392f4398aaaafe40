"""Our SYN cookie: what a SYN offers goes into sequence number and timestamp, and comes back.

ISN   = low 32 bits of SipHash + state          state = mss * 47 + options, 0..187
TSval = high 32 bits of SipHash ^ exact MSS << 16
"""

from __future__ import annotations

from typing import NamedTuple

from floodwall.kernel._abi import Flag, Option
from tests.support.oracle.offer import Offer
from tests.support.oracle.wire import CWR, ECE, Network, Segment
from tests.support.oracle.world import Config, Key
from tests.support.siphash import siphash24

MSS_TABLES = {4: (536, 1300, 1440, 1460), 6: (1220, 1420, 1440, 8940)}
STATES_PER_MSS = 47
STATES = STATES_PER_MSS * 4
_WITHOUT_SCALE = 45
_WORD = 0xFFFFFFFF


class Terms(NamedTuple):
    """What a connection uses of what the SYN offered and the machine allows."""

    mss: int
    window_scale: int | None
    sack: bool
    ecn: bool
    timestamp: int | None  # the client's value


class Accepted(NamedTuple):
    """What a valid cookie promised."""

    terms: Terms
    key: Key


def negotiate(config: Config, offer: Offer, flags: int, version: int) -> Terms:
    """Return what the handshake of this SYN will use."""
    allowed = config.flags
    scale = offer.window_scale if allowed & Flag.WSCALE else None
    sack = offer.sack and bool(allowed & Flag.SACK)
    asks_ecn = flags & (ECE | CWR) == ECE | CWR
    times = offer.timestamps if allowed & Flag.TIMESTAMPS else None
    return Terms(
        mss=max(offer.mss or 0, MSS_TABLES[version][0]),
        window_scale=scale,
        sack=sack,
        ecn=asks_ecn and bool(allowed & Flag.ECN) and sack and scale is not None,
        timestamp=None if times is None else times[0],
    )


def cookie_hash(key: Key, network: Network, segment: Segment, sequence: int, *, times: bool) -> int:
    """Return the keyed hash of the handshake that began with `sequence`."""
    size = 4 if network.version == 4 else 16
    message = (
        network.source[-size:]
        + network.destination[-size:]
        + segment.source_port.to_bytes(2, "big")
        + segment.destination_port.to_bytes(2, "big")
        + sequence.to_bytes(4, "big")
        + bytes([times])
    )
    return siphash24(key.k0, key.k1, message)


def encode_state(terms: Terms, version: int) -> int:
    """Return the small number that stands for the terms."""
    base = _mss_index(terms.mss, version) * STATES_PER_MSS
    if terms.window_scale is None:
        return base + _WITHOUT_SCALE + terms.sack
    return base + 3 * terms.window_scale + terms.sack + (terms.sack and terms.ecn)


def decode_state(state: int, version: int) -> Terms:
    """Return the terms that the small number stands for, with the MSS of the table."""
    index, rest = divmod(state, STATES_PER_MSS)
    size = MSS_TABLES[version][index]
    if rest >= _WITHOUT_SCALE:
        return Terms(size, None, sack=rest > _WITHOUT_SCALE, ecn=False, timestamp=None)
    scale, extra = divmod(rest, 3)
    return Terms(size, scale, sack=extra >= 1, ecn=extra == 2, timestamp=None)


def make_cookie(key: Key, network: Network, segment: Segment, terms: Terms) -> tuple[int, int]:
    """Return sequence number and timestamp of the SYN-ACK."""
    times = terms.timestamp is not None
    hashed = cookie_hash(key, network, segment, segment.sequence, times=times)
    isn = hashed + encode_state(terms, network.version) & _WORD
    return isn, (hashed >> 32 ^ terms.mss << 16) & _WORD


def check_cookie(
    keys: list[Key | None], network: Network, segment: Segment, offer: Offer
) -> Accepted | None:
    """Return what the cookie in an ACK promised, or nothing if it is not ours.

    The machine's settings do not matter here: what was promised is kept.
    """
    times = offer.timestamps
    for key in keys:
        if key is None or not key.valid:
            continue
        begun = segment.sequence - 1 & _WORD
        hashed = cookie_hash(key, network, segment, begun, times=times is not None)
        state = segment.acknowledgement - 1 - hashed & _WORD
        if state >= STATES:
            continue
        terms = decode_state(state, network.version)
        if times is None:
            return Accepted(terms, key)
        exact = _exact_mss(times[1] ^ hashed >> 32, network.version)
        if exact is not None and _mss_index(exact, network.version) == state // STATES_PER_MSS:
            return Accepted(terms._replace(mss=exact, timestamp=times[0]), key)
    return None


def options_of(terms: Terms) -> int:
    """Return the terms as bits of fw_option."""
    options = Option(0)
    if terms.window_scale is not None:
        options |= Option.WSCALE
    if terms.sack:
        options |= Option.SACK
    if terms.ecn:
        options |= Option.ECN
    if terms.timestamp is not None:
        options |= Option.TIMESTAMPS
    return int(options)


def _exact_mss(word: int, version: int) -> int | None:
    """Return the segment size in a timestamp; no cookie of ours carries less than the table."""
    low, size = word & 0xFFFF, word >> 16
    return size if low == 0 and size >= MSS_TABLES[version][0] else None


def _mss_index(size: int, version: int) -> int:
    fitting = [n for n, entry in enumerate(MSS_TABLES[version]) if entry <= size]
    return fitting[-1] if fitting else 0
