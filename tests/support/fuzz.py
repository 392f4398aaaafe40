"""Mutated frames by the million, program against oracle, one by one.

A batch starts both sides from the same random world.  Verdict and bytes are compared for each
frame, the whole memory after each batch; if only the memory differs, the batch is played again
and compared after every frame, so that the first frame which went wrong is named.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from floodwall.kernel._abi import Reason
from tests.support.corpus import (
    answer_reply,
    answer_with_cookie,
    known_frames,
    mutate,
    random_frame,
)
from tests.support.duel import Duel, Step
from tests.support.oracle.world import SECOND_NS, FourTuple, World
from tests.support.scenarios import MILLISECOND_NS, random_world
from tests.support.stage import CLIENT4, CLIENT6, SERVER4, SERVER6, Stage, set_stage

BATCH_FRAMES = 4000
_POOL = 120  # valid frames a batch starts with
_FRAMES_PER_TICK = 8
_STEPS_NS = (0, 0, 0, 1, MILLISECOND_NS, 40 * MILLISECOND_NS, 300 * MILLISECOND_NS, SECOND_NS)
_LEAP_NS = 70 * SECOND_NS
_FIRST_WAITING_PORT, _WAITING_PORTS = 10_000, 20_000  # below ip_local_port_range


@dataclass(slots=True)
class Outcome:
    """What a fuzz run met: how often each reason was judged, and what disagreed."""

    frames: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Take another run in."""
        self.frames += other.frames
        self.reasons += other.reasons
        self.mismatches += other.mismatches


def fuzz(stage: Stage, seed: int, frames: int, mismatches_max: int = 5) -> Outcome:
    """Duel over `frames` frames that follow from the seed; stop early when too much is wrong."""
    outcome = Outcome()
    number = 0
    while outcome.frames < frames and len(outcome.mismatches) < mismatches_max:
        count = min(BATCH_FRAMES, frames - outcome.frames)
        outcome.add(_Batch(stage, f"{seed}/{number}", number).play(count))
        number += 1
    return outcome


@dataclass(slots=True)
class _Batch:
    """One world and the frames that it meets."""

    stage: Stage
    name: str
    number: int

    def play(self, frames: int) -> Outcome:
        """Duel over the batch."""
        waiting = self._time_waits()
        try:
            return self._play(frames, waiting)
        finally:
            for _, four in waiting:  # a bit of its port may turn up in any later batch
                self.stage.end_time_wait(four)

    def _play(self, frames: int, waiting: list[tuple[bool, FourTuple]]) -> Outcome:
        rng = Random(self.name)
        world = random_world(rng, self.stage.world())
        beginning = copy.deepcopy(world)
        duel = Duel(self.stage.subject, world)
        duel.begin()
        outcome = Outcome(frames)
        steps = []
        for step in self._steps(rng, duel, frames, waiting):
            steps.append(step)
            problem = duel.step(step)
            if problem:
                outcome.mismatches.append(f"batch {self.name}, frame {len(steps)}: {problem}")
                return outcome
        outcome.reasons.update({Reason(r).name: n for r, n in world.reasons.items()})
        if duel.subject.differs_from(world):
            outcome.mismatches.append(self._find(beginning, steps))
        return outcome

    def _time_waits(self) -> list[tuple[bool, FourTuple]]:
        port = _FIRST_WAITING_PORT + self.number % _WAITING_PORTS
        return [
            (False, self.stage.time_wait(SERVER4, CLIENT4, port)),
            (True, self.stage.time_wait(SERVER6, CLIENT6, port)),
        ]

    def _steps(
        self, rng: Random, duel: Duel, frames: int, waiting: list[tuple[bool, FourTuple]]
    ) -> Iterator[Step]:
        pool = [random_frame(rng) for _ in range(_POOL)] + known_frames(waiting)
        answers = (answer_with_cookie(rng, duel.world, frame) for frame in list(pool))
        pool += [frame for frame in answers if frame is not None]
        now = duel.world.now_ns
        for count in range(frames):
            if count % _FRAMES_PER_TICK == 0:
                now += rng.choice(_STEPS_NS) if rng.random() < 0.995 else _LEAP_NS
            frame = mutate(rng, rng.choice(pool), rng.choice(pool))
            yield Step(now, frame)
            if duel.reply:
                pool[rng.randrange(len(pool))] = answer_reply(frame, duel.reply)

    def _find(self, beginning: World, steps: list[Step]) -> str:
        """Play ever shorter beginnings again; describe the first frame after which memory differs.

        Halving keeps this short, as TIME_WAIT sockets live only for a minute.
        """
        good, bad = 0, len(steps)
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (good, middle) if self._replay(beginning, steps[:middle]) else (middle, bad)
        lines = self._replay(beginning, steps[:bad])
        step = steps[bad - 1]
        what = "\n".join([f"at {step.now_ns} {step.frame.hex()}", *lines])
        services = {number: service.limits for number, service in beginning.services.items()}
        head = f"batch {self.name}, frame {bad}: memory differs"
        return "\n".join((head, what, str(beginning.config), str(services)))

    def _replay(self, beginning: World, steps: list[Step]) -> list[str]:
        world = copy.deepcopy(beginning)
        duel = Duel(self.stage.subject, world)
        duel.begin()
        problems = [duel.step(step) for step in steps]
        return list(filter(None, problems)) + duel.subject.differs_from(world)


def main() -> None:
    """Fuzz on one CPU and print the outcome as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cpu", type=int)
    parser.add_argument("--brief", action="store_true", help="stop at the first mismatch")
    chosen = parser.parse_args()
    with set_stage(cpu=chosen.cpu) as stage:
        outcome = fuzz(stage, chosen.seed, chosen.frames, 1 if chosen.brief else 5)
    sys.stdout.write(json.dumps({name: getattr(outcome, name) for name in Outcome.__slots__}))


if __name__ == "__main__":
    main()
