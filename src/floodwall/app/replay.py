"""What Floodwall would have done: a capture, frame by frame, through the compiled program.

Law: the program decides.  Only what a capture cannot carry is put in its place: the cookie that a
client who answered would have sent back, and the stack's word that a handshake was completed.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from floodwall.app.replay_stage import Stage, packed, stage
from floodwall.app.replay_survey import FLOWS_MAX, Flow, Survey, survey
from floodwall.core.address import Address, unpack
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS
from floodwall.core.settings import Settings
from floodwall.forensics.captures.packets import Packet, packets_of
from floodwall.forensics.segment import ACK, RST, SYN, Segment, acknowledging, stamps_at

_START_NS: Final = 1000 * SECOND_NS  # the clock of a machine that has just been started
_SECONDS_MAX: Final = 86_400
_TOUCHED_MAX: Final = 1000
_DROP, _PASS, _TX = 1, 2, 3


class _Stand(Enum):
    """How far a flow has come in the replay."""

    PASSED = auto()
    CHALLENGED = auto()
    OPEN = auto()


@dataclass(slots=True)
class _Progress:
    stand: _Stand
    client: int
    """Sequence number of the client's SYN."""
    cookie: int = 0
    stamp: bytes = b""
    """Our timestamp in the SYN-ACK, if it had one."""


@dataclass(slots=True)
class Second:
    """What became of the frames of one second."""

    passed: int = 0
    challenged: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Replayed:
    """What a replay came to; `reasons` count only frames that the program saw."""

    services: int
    backlog: int
    frames: int = 0
    outbound: int = 0
    """Sent by a service, or between others: a data plane sees what comes in."""
    established: int = 0
    """Of connections that the stack would have known: not judged."""
    passed: int = 0
    challenged: int = 0
    dropped: int = 0
    completed: int = 0
    """Handshakes that clients completed, with our cookie or without."""
    reasons: dict[str, int] = field(default_factory=dict)
    series: dict[int, Second] = field(default_factory=dict)
    """By second since 1970."""
    real: int = 0
    """Sources that completed a handshake in the capture."""
    touched: dict[Address, int] = field(default_factory=dict)
    """Of these, those of which a SYN, or the answer to a SYN-ACK, would have been dropped."""
    notes: list[str] = field(default_factory=list)


def replay(
    paths: tuple[str, ...],
    settings: Settings,
    backlog: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Replayed:
    """Replay captures as one; raise ConfigError where there is nothing, NotSupported without root.

    The captures are read twice: who answers whom must be known before the first frame.
    """
    known = survey(packets_of(paths))
    if known.first is None or not known.services:
        raise ConfigError(
            "nobody asks for a connection in there: there is nothing to replay",
            hint="give a capture that has TCP SYNs",
        )
    with stage(settings, known.services, backlog) as ready:
        run = _Run(ready, known, Replayed(len(known.services), backlog))
        run.all(packets_of(paths), progress)
        return run.result()


class _Run:
    def __init__(self, ready: Stage, known: Survey, result: Replayed) -> None:
        self._stage = ready
        self._known = known
        self._result = result
        self._services = {packed(end) for end in known.services}
        self._flows: dict[Flow, _Progress] = {}
        self._real: set[bytes] = set()
        self._dropped: Counter[bytes] = Counter()
        self._now_ns = _START_NS

    def all(self, packets: Iterable[Packet], progress: Callable[[int], None]) -> None:
        """Replay every frame."""
        for packet in packets:
            self._result.frames += 1
            self._one(packet)
            if self._result.frames % 4096 == 0:
                progress(self._result.frames)

    def result(self) -> Replayed:
        """Add up."""
        found = self._result
        found.reasons = {
            reason.name.lower(): count for reason, count in self._stage.reasons().items() if count
        }
        found.real = len(self._real)
        hit = {source: count for source, count in self._dropped.items() if source in self._real}
        for source in sorted(hit, key=lambda each: -hit[each])[:_TOUCHED_MAX]:
            found.touched[unpack(source)] = hit[source]
        if self._known.overflow or len(self._flows) >= FLOWS_MAX:
            found.notes.append(f"only the first {FLOWS_MAX:,} flows are followed")
        return found

    def _one(self, packet: Packet) -> None:
        if self._known.first is not None:
            passed_s = packet.at - self._known.first
            self._now_ns = max(self._now_ns, _START_NS + int(passed_s * SECOND_NS))
        segment = Segment.of(packet.frame[packet.ip :])
        if segment is None:
            self._show(packet, packet.frame)
            return
        if (segment.destination, segment.destination_port) not in self._services:
            self._result.outbound += 1
            return
        flow = self._flows.get(segment.flow)
        if segment.flags & (SYN | ACK | RST) == SYN:
            self._ask(packet, segment)
        elif flow is None and segment.flow in self._known.talking:
            self._result.established += 1  # it was there before the capture began
        elif flow is None:
            self._show(packet, packet.frame)
        else:
            self._go_on(packet, segment, flow)

    def _ask(self, packet: Packet, segment: Segment) -> None:
        verdict, output = self._show(packet, packet.frame)
        if verdict == _DROP and segment.source_port:  # nobody real asks from port 0
            self._touch(segment)
        if segment.flow not in self._flows and len(self._flows) >= FLOWS_MAX:
            return
        if verdict == _PASS:
            self._flows[segment.flow] = _Progress(_Stand.PASSED, segment.sequence)
        elif verdict == _TX:
            self._flows[segment.flow] = _challenged(segment, output[packet.ip :])

    def _go_on(self, packet: Packet, segment: Segment, flow: _Progress) -> None:
        """Judge what comes after a SYN; packets of open connections are the stack's."""
        if flow.stand is _Stand.OPEN:
            self._result.established += 1
            return
        if not self._completes(segment, flow):
            self._show(packet, packet.frame)
            return
        self._real.add(segment.source)
        if flow.stand is _Stand.CHALLENGED:
            answer = flow.cookie + 1 & 0xFFFFFFFF
            ip = acknowledging(packet.frame[packet.ip :], segment, answer, flow.stamp)
            verdict, _ = self._show(packet, packet.frame[: packet.ip] + ip)
            if verdict != _PASS:
                self._touch(segment)
                return
        else:
            self._result.established += 1
        self._result.completed += 1
        self._stage.complete(*segment.flow)
        flow.stand = _Stand.OPEN

    def _completes(self, segment: Segment, flow: _Progress) -> bool:
        """Tell whether a segment answers the SYN-ACK that the capture shows, if it shows one."""
        if segment.flags & (ACK | RST | SYN) != ACK:
            return False
        if segment.sequence != flow.client + 1 & 0xFFFFFFFF:
            return False
        server = self._known.answers.get(segment.flow)
        return server is None or segment.acknowledgement == server + 1 & 0xFFFFFFFF

    def _touch(self, segment: Segment) -> None:
        """Remember whose SYN, or whose answer to a SYN-ACK, was dropped."""
        if segment.source in self._dropped or len(self._dropped) < FLOWS_MAX:
            self._dropped[segment.source] += 1

    def _show(self, packet: Packet, frame: bytes) -> tuple[int, bytes]:
        seen = self._stage.run(frame, self._now_ns)
        second = int(packet.at)
        if second in self._result.series or len(self._result.series) < _SECONDS_MAX:
            counted = self._result.series.setdefault(second, Second())
        else:
            counted = Second()
        if seen.verdict == _PASS:
            self._result.passed += 1
            counted.passed += 1
        elif seen.verdict == _TX:
            self._result.challenged += 1
            counted.challenged += 1
        else:
            self._result.dropped += 1
            counted.dropped += 1
        return seen.verdict, seen.packet


def _challenged(syn: Segment, reply: bytes) -> _Progress:
    answer = Segment.of(reply)
    if answer is None:
        return _Progress(_Stand.CHALLENGED, syn.sequence)
    at = stamps_at(reply, answer)
    stamp = reply[at : at + 4] if at is not None else b""
    return _Progress(_Stand.CHALLENGED, syn.sequence, answer.sequence, stamp)
