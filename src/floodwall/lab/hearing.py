"""What the daemon said while it was under attack: its verdicts, from its `--json` lines.

A verdict counts from the moment at which it was told, not from that of the observation.
"""

import json
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from floodwall.core.verdict import Kind
from floodwall.lab.result import Verdicts

_SECOND = "second"  # how the lines are called that have verdicts


@dataclass(frozen=True, slots=True)
class Told:
    """One verdict on one service, or on the whole machine, in one second."""

    at_ns: int
    """Monotonic time."""
    second: int
    """Number of the line: verdicts of the same second share it."""
    kind: Kind
    words: str
    """Evidence and advice."""


def hear(said: str, wall_offset_ns: int) -> list[Told]:
    """Read the lines of a daemon; `wall_offset_ns` is wall clock minus monotonic clock."""
    return [
        Told(at_ns, number, Kind(verdict["kind"]), _words(verdict))
        for number, line in enumerate(_seconds(said))
        for at_ns in (_moment_ns(line["at"]) - wall_offset_ns,)
        for verdict in line.get("verdicts", {}).values()
    ]


def clock_offset_ns() -> int:
    """Return how far the wall clock is ahead of the monotonic one now."""
    return time.time_ns() - time.monotonic_ns()


def sum_up(
    told: Iterable[Told], begin_ns: int, end_ns: int, wanted: Collection[Kind], *, attacked: bool
) -> Verdicts:
    """Say what was told between the first and the last moment of an attack, and before it.

    What shows is the kind that was told in most seconds; calm is what is told of nothing else.
    Where nobody attacks, every verdict of an attack is false; else every one from before it.
    """
    everything = sorted(told, key=lambda one: one.at_ns)
    during = [one for one in everything if begin_ns <= one.at_ns <= end_ns]
    seconds = Counter(kind for kind, _ in {(one.kind, one.second) for one in during})
    loud = {kind: count for kind, count in seconds.items() if kind is not Kind.CALM}
    shown = max(loud, key=lambda kind: loud[kind], default=Kind.CALM if seconds else None)
    first = next((one for one in during if one.kind in wanted), None)
    quiet = [one for one in everything if one.at_ns < begin_ns or not attacked]
    return Verdicts(
        shown=shown,
        after_s=None if first is None else (first.at_ns - begin_ns) / 1e9,
        seconds={kind.value: count for kind, count in sorted(seconds.items())},
        false_s=len({one.second for one in quiet if one.kind.is_attack}),
        words=next((one.words for one in reversed(during) if one.kind in wanted), ""),
    )


def _seconds(said: str) -> Iterator[dict[str, Any]]:
    """Yield the whole lines that describe a second; the last one may have been cut."""
    for line in said.splitlines():
        try:
            read = json.loads(line)
        except ValueError:
            continue
        if read.get("kind") == _SECOND:
            yield read


def _moment_ns(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1e9)


def _words(verdict: dict[str, Any]) -> str:
    texts = [str(one.get("text", "")) for one in verdict.get("evidence", ())]
    return "; ".join(filter(None, (*texts, str(verdict.get("advice", "")))))
