"""What `floodwall harden` wishes for, by profile, with the arithmetic that sizes it.

Law: a wish names a direction; what is stronger already stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from floodwall.audit.arithmetic import (
    COOKIES,
    REQUEST_BYTES,
    RETRIES,
    SOMAXCONN,
    SYN_BACKLOG,
    lifetime_s,
)
from floodwall.audit.checks.conntrack import BUCKETS, LOOSE, MAX, SYN_RECV
from floodwall.audit.checks.cookies import FORWARD, SACK, SCALING, TIMESTAMPS, has_synproxy
from floodwall.audit.checks.timers import ABORT, FIN, RECYCLE, RFC1337
from floodwall.audit.facts import AbsentError, Facts, Unread, UnreadError, known

_CONF = "net.ipv4.conf."
_ENTRY_BYTES = 384  # of connection tracking, see checks/conntrack.py
_RETRIES = 3
_BURST = 4
_WAIT_S = 1
_MOST_PLACES = 65535
"""Longer queues were cut to 16 bits by older kernels."""


class Profile(StrEnum):
    """What kind of machine it is."""

    WEB = "web"
    GATEWAY = "gateway"
    CONSTRAINED = "constrained"


class Aim(StrEnum):
    """In which direction a value is stronger."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Wish:
    """A sysctl, where it should be, and why."""

    name: str
    wanted: int
    aim: Aim
    why: str

    def met_by(self, value: int) -> bool:
        """Tell whether a value is as strong as this, or stronger."""
        return value >= self.wanted if self.aim is Aim.AT_LEAST else value <= self.wanted


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a profile spends."""

    load: int
    """New connections a second that it is sized for, unless the operator says another number."""
    queue_share: float
    """Part of memory that one full queue may take."""
    table_share: float
    """Part of memory that connection tracking may take."""


SIZES = {
    Profile.WEB: Sizes(load=1000, queue_share=0.01, table_share=0.02),
    Profile.GATEWAY: Sizes(load=4000, queue_share=0.01, table_share=0.05),
    Profile.CONSTRAINED: Sizes(load=100, queue_share=0.002, table_share=0.01),
}


def wishes(facts: Facts, profile: Profile, load: int | None = None) -> Iterator[Wish]:
    """Yield what this machine should have; what cannot be read is not wished for."""
    yield Wish(COOKIES, 1, Aim.AT_LEAST, "a full queue turns nobody away")
    yield Wish(TIMESTAMPS, 1, Aim.AT_LEAST, "cookies keep window scale and SACK there")
    yield Wish(SACK, 1, Aim.AT_LEAST, "a loss costs no round trip")
    yield Wish(SCALING, 1, Aim.AT_LEAST, "windows beyond 64 KiB")
    yield Wish(RETRIES, _RETRIES, Aim.AT_MOST, _stay(facts))
    yield Wish(ABORT, 0, Aim.AT_MOST, "a busy moment resets nobody")
    yield Wish(RFC1337, 1, Aim.AT_LEAST, "a RST does not end TIME_WAIT")
    yield Wish(FIN, 60, Aim.AT_MOST, "peers that vanish keep memory for a minute")
    yield Wish(RECYCLE, 0, Aim.AT_MOST, "clients behind NAT are not turned away")
    yield Wish(f"{_CONF}all.accept_source_route", 0, Aim.AT_MOST, "nobody chooses the way back")
    yield from _queues(facts, profile, load)
    yield from _reverse_path(facts, profile)
    yield from _tracking(facts, profile, load)


def places(memory_bytes: int, load: int, share: float) -> tuple[int, str]:
    """Return the length of a queue, and the sum: what the load needs, if memory allows it."""
    need = load * _WAIT_S * _BURST
    room = int(memory_bytes * share) // REQUEST_BYTES
    wanted = min(_power(need), _power_below(max(room, 128)), _MOST_PLACES)
    text = (
        f"{load} connections/s x {_WAIT_S} s until the first retry x {_BURST} for bursts = {need}; "
        f"memory allows {room} ({share:.1%} of {memory_bytes / 1e6:.0f} MB / {REQUEST_BYTES} bytes)"
    )
    return wanted, text


def _stay(facts: Facts) -> str:
    if isinstance(facts.release, Unread):
        return "a forged request stays less long"
    shorter, usual = (lifetime_s(retries, facts.release) for retries in (_RETRIES, 5))
    return f"a forged request stays {shorter} s, and not {usual} s as at 5 retries"


def _queues(facts: Facts, profile: Profile, load: int | None) -> Iterator[Wish]:
    sizes = SIZES[profile]
    if isinstance(facts.memory_bytes, Unread):
        return
    wanted, text = places(facts.memory_bytes, load or sizes.load, sizes.queue_share)
    yield Wish(SOMAXCONN, wanted, Aim.AT_LEAST, text)
    # Without cookies strangers get three quarters of it.
    yield Wish(SYN_BACKLOG, min(wanted * 2, _MOST_PLACES), Aim.AT_LEAST, f"twice somaxconn: {text}")


def _reverse_path(facts: Facts, profile: Profile) -> Iterator[Wish]:
    """Wish for a filter only where there is none: loose for all would weaken what is strict."""
    try:
        if facts.here.number(f"{_CONF}all.rp_filter"):
            return
        forwards = profile is Profile.GATEWAY or facts.here.number(FORWARD) != 0
        cards = [card.name for card in known(facts.cards) if card.driver and card.up]
    except (AbsentError, UnreadError):
        return
    loose = forwards or len(cards) > 1
    why = "loose: there may be two ways" if loose else "sources that cannot come from there"
    for name in cards:
        key = f"{_CONF}{name.replace('.', '/')}.rp_filter"
        yield Wish(key, 2 if loose else 1, Aim.AT_LEAST, why)


def _tracking(facts: Facts, profile: Profile, load: int | None) -> Iterator[Wish]:
    sizes = SIZES[profile]
    try:
        stay = facts.here.number(SYN_RECV)
        memory = known(facts.memory_bytes)
    except (AbsentError, UnreadError):
        return
    need = (load or sizes.load) * stay
    room = int(memory * sizes.table_share) // _ENTRY_BYTES
    wanted = min(_power(need), _power_below(max(room, 16384)))
    text = (
        f"{load or sizes.load} connections/s x {stay} s = {need}; memory allows {room} "
        f"({sizes.table_share:.0%} of {memory / 1e6:.0f} MB / {_ENTRY_BYTES} bytes)"
    )
    yield Wish(MAX, wanted, Aim.AT_LEAST, text)
    yield Wish(BUCKETS, wanted // 4, Aim.AT_LEAST, "chains of 4 at most when the table is full")
    proxy = has_synproxy(facts)
    if proxy:
        yield Wish(LOOSE, 0, Aim.AT_MOST, "synproxy: no entry without a handshake")
    elif proxy is False:
        yield Wish(LOOSE, 1, Aim.AT_LEAST, "who was let in by a cookie is tracked from its ACK on")


def _power(number: int) -> int:
    return 1 << max(number - 1, 0).bit_length()


def _power_below(number: int) -> int:
    return 1 << (number.bit_length() - 1)
