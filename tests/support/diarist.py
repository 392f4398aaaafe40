"""A process that keeps a record until it is killed, and says what it was promised.

Run as `python -m tests.support.diarist DIRECTORY RUN`; each line on its output is a second that
`write` has called written, after it has.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from floodwall.core.decision import Act
from floodwall.core.verdict import Kind
from tests.support.records import BEGAN_NS, HOUR_NS, Diary, ban, life, lift, moment, network, note

BANS_A_SECOND = 3
LIFTED_EVERY = 5


def main(directory: Path, run: int) -> None:
    """Ban, lift and follow an incident, as fast as the disk takes it."""
    at_s = run * 10_000.0
    diary = Diary(directory, life(f"run{run}", at=moment(at_s)))
    for second in range(100_000):
        number = (run * 100_000 + second) * BANS_A_SECOND
        until_ns = BEGAN_NS + 1000 * HOUR_NS
        commands = [ban(network(number + n), until_ns) for n in range(BANS_A_SECOND)]
        commands_of_all = [*commands, note(Act.OPEN_INCIDENT, service=0)]
        if second % LIFTED_EVERY == 0:
            commands_of_all.append(lift(network(number)))
        if diary.second(at_s + second, commands_of_all, Kind.SPOOFED_FLOOD):
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
        diary.done(at_s + second, *([""] * len(commands_of_all)))
        time.sleep(0)


def lifted(number: int) -> bool:
    """Tell whether the first ban of a second was lifted in the same second."""
    return (number // BANS_A_SECOND) % 100_000 % LIFTED_EVERY == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
