"""What one input, or a part of it, comes to: bounded, and any two of them merge into one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.distinct import Distinct
from floodwall.forensics.evidence import (
    CounterSnapshot,
    Flag,
    Input,
    Origin,
    Segments,
    Sign,
    SocketSnapshot,
    pick,
)
from floodwall.forensics.flows import FlowTable
from floodwall.forensics.hashing import hash_columns, mix
from floodwall.forensics.incidents import Incident
from floodwall.forensics.selection import Selection
from floodwall.forensics.tally import Tally

_MOST_MARKS = 10_000
_MOST_SUPPRESSED = 200_000
_MOST_SNAPSHOTS = 1_000
_MOST_SAMPLES = 20
_MOST_DUMPED = 1 << 19  # half-open requests of all dumps together
ODD = np.uint64(0x9E3779B97F4A7C15)
"""Keeps victim and source apart in the hash of both."""
_TABLES = (
    "pairs", "victims", "endpoints", "cells", "shapes", "naive", "flows", "packets",
)  # fmt: skip
_PROOF = Flag.SYN | Flag.ACK


@dataclass(frozen=True, slots=True)
class Suppressed:
    """`N messages suppressed`: how many, when, and whether they can only be network messages."""

    at: float
    count: int
    network: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A kernel message that names no source."""

    at: float
    sign: Sign
    port: int = 0
    address: str = ""
    action: str = ""
    count: int = 1


@dataclass(slots=True)
class Packets:
    """What a capture held besides requests; plain counts."""

    total: int = 0
    tcp: int = 0
    fragments: int = 0
    unread: int = 0
    """Frames that were cut short or that make no sense."""
    foreign: int = 0
    """Frames of other protocols."""
    segments: int = 0

    def merge(self, other: "Packets") -> None:
        """Add the counts of another part."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Partial:
    """Everything that is kept of a part of the evidence."""

    selection: Selection = field(default_factory=Selection)
    pairs: Tally = field(default_factory=lambda: Tally(5))
    """Requests by victim, port and source."""
    victims: Tally = field(default_factory=lambda: Tally(3, 1 << 17))
    """Requests by victim and port."""
    endpoints: Tally = field(default_factory=lambda: Tally(6, 1 << 17))
    """Requests by victim, port, source and source port."""
    cells: Tally = field(default_factory=lambda: Tally(4, 1 << 17))
    """Requests by victim, port and second."""
    shapes: Tally = field(default_factory=lambda: Tally(8, 1 << 15))
    """Requests by victim, port, options, window, MSS, TTL rounded up as sent, flags."""
    distinct: Distinct = field(default_factory=Distinct)
    """Sources of requests."""
    flows: FlowTable = field(default_factory=FlowTable)
    relative: bool = False
    """Whether any time counts from the start of a machine."""
    packets: Packets = field(default_factory=Packets)
    ports: Counter[int] = field(default_factory=Counter)
    """Requests by class of source port."""
    lives: Counter[int] = field(default_factory=Counter)
    """Requests by TTL."""
    origins: Counter[int] = field(default_factory=Counter)
    naive: Tally = field(default_factory=lambda: Tally(2, 1 << 17))
    """Suppressed messages by the source of the next line: the wrong reading, kept to show it."""
    suppressed: list[Suppressed] = field(default_factory=list)
    suppressed_folded: int = 0
    """Suppressed messages beyond what is kept one by one."""
    marks: list[Mark] = field(default_factory=list)
    marks_total: Counter[str] = field(default_factory=Counter)
    sockets: list[SocketSnapshot] = field(default_factory=list)
    counters: list[CounterSnapshot] = field(default_factory=list)
    untrusted: int = 0
    untrusted_samples: list[str] = field(default_factory=list)
    masked: int = 0
    """Requests whose source somebody made unreadable."""
    masked_times: list[float] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    """What Floodwall itself recorded."""
    inputs: list[Input] = field(default_factory=list)
    _dumped: int = 0

    def add(self, segments: Segments) -> None:
        """Take segments of a capture, or requests that a log names."""
        segments = self.selection.of(segments)
        if not len(segments):
            return
        self.packets.segments += len(segments)
        self.flows.add(segments)
        asked = np.flatnonzero((segments["flags"] & _PROOF) == Flag.SYN)
        if len(asked):
            every = len(asked) == len(segments)
            self._add_requests(segments if every else pick(segments, asked))

    def add_dropped(self, requests: Segments) -> None:
        """Take requests of `drop open request`, which have a source and no victim.

        They belong to no handshake, so the flows need not know them.
        """
        requests = self.selection.of(requests)
        self.packets.segments += len(requests)
        if len(requests):
            self._add_requests(requests)

    def _add_requests(self, requests: Segments) -> None:
        victim = hash_columns(requests["victim_high"], requests["victim_low"], requests["port"])
        source = hash_columns(requests["source_high"], requests["source_low"])
        self.distinct.add(source)
        at, weight = requests["at"], requests["weight"].astype(np.int64)
        victims = [requests[name] for name in ("victim_high", "victim_low", "port")]
        sources = [requests[name] for name in ("source_high", "source_low")]
        port = requests["source_port"]
        self.victims.add(victim, victims, weight, at)
        pair = mix(victim ^ source * ODD)
        self.pairs.add(pair, [*victims, *sources], weight, at)
        self.endpoints.add(mix(pair ^ port), [*victims, *sources, port], weight, at)
        second = np.floor(np.nan_to_num(at)).astype(np.int64).astype(np.uint64)
        self.cells.add(mix(victim ^ second), [*victims, second], weight, at)
        self._add_shapes(requests, victim, weight)
        self.ports.update(_counts(port >> np.uint16(10)))
        self.lives.update(_counts(requests["ttl"]))
        self.origins.update(_counts(requests["origin"]))

    def _add_shapes(
        self, requests: Segments, victim: NDArray[np.uint64], weight: NDArray[np.int64]
    ) -> None:
        known = requests["origin"] != Origin.DROPPED
        if not known.all():
            requests, victim, weight = requests[known], victim[known], weight[known]
        if not len(requests):
            return
        sent = sent_ttl(requests["ttl"]).astype(np.uint64)
        names = ("victim_high", "victim_low", "port", "layout", "window", "mss")
        columns = [*(requests[name] for name in names), sent, requests["flags"]]
        form = requests["window"].astype(np.uint64) << np.uint64(32)
        form |= requests["mss"].astype(np.uint64) << np.uint64(16)
        form |= sent << np.uint64(8) | requests["flags"]
        hashes = mix(victim ^ mix(form ^ mix(requests["layout"])))
        self.shapes.add(hashes, columns, weight, requests["at"])

    def suppress(self, suppressed: Suppressed) -> None:
        """Take a line that says how many messages were not printed."""
        if self.selection.hides_totals or not self.selection.holds(suppressed.at):
            return
        last = self.suppressed[-1] if self.suppressed else None
        if last and (last.at, last.network) == (suppressed.at, suppressed.network):
            total = last.count + suppressed.count
            self.suppressed[-1] = Suppressed(last.at, total, last.network)
        elif len(self.suppressed) < _MOST_SUPPRESSED:
            self.suppressed.append(suppressed)
        elif suppressed.network:
            self.suppressed_folded += suppressed.count

    def credit(
        self, high: NDArray[np.uint64], low: NDArray[np.uint64], counts: NDArray[np.int64]
    ) -> None:
        """Take what the naive reading credits to addresses."""
        self.naive.add(hash_columns(high, low), [high, low], counts, np.full(len(low), np.nan))

    def mark(self, mark: Mark) -> None:
        """Take a kernel message that names no source."""
        if not self.selection.holds(mark.at):
            return
        self.marks_total[mark.sign.value] += mark.count
        if len(self.marks) < _MOST_MARKS:
            self.marks.append(mark)

    def distrust(self, text: str) -> None:
        """Take a line that only looks like the kernel's."""
        self.untrusted += 1
        if len(self.untrusted_samples) < _MOST_SAMPLES:
            self.untrusted_samples.append(text)

    def mask(self, at: float) -> None:
        """Take a request without a readable source."""
        self.masked += 1
        if len(self.masked_times) < _MOST_MARKS:
            self.masked_times.append(at)

    def snapshot(self, sockets: SocketSnapshot) -> None:
        """Take a dump of sockets."""
        if len(self.sockets) < _MOST_SNAPSHOTS and self._dumped < _MOST_DUMPED:
            half_open = self.selection.of(sockets.half_open)
            self._dumped += len(half_open)
            self.sockets.append(SocketSnapshot(half_open, sockets.listeners, sockets.states))

    def count(self, counters: CounterSnapshot) -> None:
        """Take a look at the counters of the stack."""
        if len(self.counters) < _MOST_SNAPSHOTS:
            self.counters.append(counters)

    def merge(self, other: "Partial") -> None:
        """Add another partial to this one."""
        for name in (
            "pairs",
            "victims",
            "endpoints",
            "cells",
            "shapes",
            "naive",
            "flows",
            "packets",
        ):
            getattr(self, name).merge(getattr(other, name))
        self.distinct = self.distinct.merge(other.distinct)
        for name in ("ports", "lives", "origins", "marks_total"):
            getattr(self, name).update(getattr(other, name))
        for suppressed in other.suppressed:
            self.suppress(suppressed)
        self.suppressed_folded += other.suppressed_folded
        self.marks = (self.marks + other.marks)[:_MOST_MARKS]
        for sockets in other.sockets:
            self.snapshot(sockets)
        for counters in other.counters:
            self.count(counters)
        self.relative |= other.relative
        self.incidents = (self.incidents + other.incidents)[:_MOST_MARKS]
        self.untrusted += other.untrusted
        self.untrusted_samples = (self.untrusted_samples + other.untrusted_samples)[:_MOST_SAMPLES]
        self.masked += other.masked
        self.masked_times = (self.masked_times + other.masked_times)[:_MOST_MARKS]
        self.inputs += other.inputs

    def describe(self, **changes: object) -> None:
        """Change what is known about the last input."""
        self.inputs[-1] = replace(self.inputs[-1], **changes)  # type: ignore[arg-type] # by name


def sent_ttl(ttl: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the TTL as it was probably sent: 32, 64, 128 or 255; 0 stays unknown."""
    bounds = np.array([0, 32, 64, 128, 255])
    found: NDArray[np.int64] = bounds[np.searchsorted(bounds, ttl)]
    return found


def _counts(values: NDArray[np.generic]) -> dict[int, int]:
    counted = np.bincount(values.astype(np.intp))
    return {int(value): int(counted[value]) for value in np.flatnonzero(counted)}


def merged(parts: Iterable[Partial]) -> Partial:
    """Return one partial over all parts."""
    whole = Partial()
    for part in parts:
        whole.merge(part)
    return whole
