"""One test's dealings with the data plane: frames in, reasons out, everything compared.

The reason comes from the program's own counters, not from the oracle: exactly one of them may
move for a frame.  Bytes, verdict and memory are compared with the oracle besides.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any, NamedTuple

from floodwall.kernel._abi import Handover, Reason
from tests.support.corpus import answer_reply
from tests.support.duel import Duel, Step
from tests.support.encoding import u32
from tests.support.oracle.verdict import ACTIONS, Action
from tests.support.oracle.world import Service, World
from tests.support.packets import Composable, Packet
from tests.support.stage import Stage

_METADATA = len(bytes(Handover()))


class Met(NamedTuple):
    """What the program did with a frame."""

    reason: Reason
    output: bytes

    @property
    def handover(self) -> Handover:
        """The decoded cookie in front of the packet."""
        return Handover.from_buffer_copy(self.output[:_METADATA])


class Bout:
    """A duel whose every step is asserted."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world: World = stage.world()
        self._duel = Duel(stage.subject, self.world)
        self._duel.begin()

    @property
    def web(self) -> Service:
        """The service on port 80."""
        return self.world.services[0]

    def limit(self, **changes: Any) -> None:
        """Change limits of the web service, as Python would do it."""
        self.web.limits = dataclasses.replace(self.web.limits, **changes)
        self.sync()

    def configure(self, **changes: Any) -> None:
        """Change settings of the machine."""
        self.world.config = dataclasses.replace(self.world.config, **changes)
        self.sync()

    def sync(self) -> None:
        """Write the world into the program's maps."""
        self._duel.begin()

    def pass_time(self, nanoseconds: int) -> None:
        """Let time pass before the next frame."""
        self.world.now_ns += nanoseconds
        self.stage.subject.set_clock(self.world.now_ns)

    def send(self, frame: Packet | Composable | bytes) -> Met:
        """Show a frame to program and oracle; return what the program made of it."""
        raw = bytes(frame)
        before = self._counts()
        problem = self._duel.step(Step(self.world.now_ns, raw))
        after = self._counts()
        assert problem == ""
        moved = [reason for reason in Reason if after[reason] != before[reason]]
        assert len(moved) == 1, f"counters that moved: {moved}"
        assert after[moved[0]] == before[moved[0]] + 1
        return Met(moved[0], self.output)

    def reason(self, frame: Packet | Composable | bytes) -> Reason:
        """Return the reason that the program counted for a frame."""
        return self.send(frame).reason

    def answer(self, syn: Packet | bytes) -> bytes:
        """Send a SYN that must be challenged; return the ACK of an honest client."""
        met = self.send(syn)
        assert ACTIONS[met.reason] is Action.TX, met.reason
        return answer_reply(bytes(syn), met.output)

    @property
    def output(self) -> bytes:
        """What the program last let out."""
        return self._duel.output

    def check(self) -> None:
        """Assert that all that the program remembers is what the oracle expects."""
        assert self.stage.subject.differs_from(self.world) == []

    def _counts(self) -> list[int]:
        """Return the program's own counters of this CPU."""
        (here,) = os.sched_getaffinity(0)
        reasons = self.stage.subject.maps["reasons"]
        shares = (reasons.lookup_percpu(u32(reason))[here] for reason in Reason)
        return [int.from_bytes(share, "little") for share in shares]
