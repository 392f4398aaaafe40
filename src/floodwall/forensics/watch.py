"""What happens in a log while it grows: told when it begins, when it has grown, when it is over.

Law: memory stays bounded however long it goes on.  An episode ends after a quiet time, and the next
one is counted from nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from floodwall.forensics.account import account_of
from floodwall.forensics.evidence import Input
from floodwall.forensics.finding import Finding, Kind, Victim
from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes
from floodwall.forensics.logs.reader import LogReader
from floodwall.forensics.partial import Partial
from floodwall.forensics.selection import Selection

QUIET_S = 300.0
_GROWN = 2.0
_PACE_S = 10.0  # between two lines about the same finding
_DEAR = 20.0  # an account is made at most in this part of the time


class Event(StrEnum):
    """What became of a finding."""

    FOUND = "found"
    GROWN = "grown"
    OVER = "over"


@dataclass(slots=True)
class _Told:
    """What was last said about a finding, and when."""

    finding: Finding
    requests: int
    at: float


class Watch:
    """Takes lines, and tells what is new; the time is given by the caller, in seconds that rise."""

    def __init__(self, path: str, clock: Clock, selection: Selection) -> None:
        self._path, self._selection = path, selection
        self._reader = LogReader(Envelopes(clock), self._nothing())
        self._told: dict[tuple[Kind, Victim | None], _Told] = {}
        self._records = 0
        self._heard: float | None = None
        self.attacked = False
        """Whether any attack was found so far."""

    def take(self, block: bytes) -> None:
        """Take whole lines."""
        self._reader.read(block)

    def look(self, now: float) -> Iterator[tuple[Event, Finding]]:
        """Yield what is new."""
        self._reader.flush()
        if self._reader.records != self._records:
            self._records, self._heard = self._reader.records, now
            yield from self._news(now)
        elif self._heard is not None and now - self._heard >= QUIET_S:
            yield from self.finish(now)

    def finish(self, now: float) -> Iterator[tuple[Event, Finding]]:
        """End the episode, and yield how it ended."""
        self._reader.finish()
        yield from self._news(now)
        for told in self._told.values():
            yield Event.OVER, told.finding
        self._told, self._heard = {}, None
        self._reader.partial = self._nothing()

    def _news(self, now: float) -> Iterator[tuple[Event, Finding]]:
        self._reader.partial.relative |= self._reader.uptime
        for finding in account_of(self._reader.partial).findings:
            self.attacked |= finding.kind.is_attack
            name = finding.kind, finding.victims[0] if finding.victims else None
            total = finding.requests.total
            told = self._told.get(name)
            if told is None:
                self._told[name] = _Told(finding, total, now)
                yield Event.FOUND, finding
                continue
            told.finding = finding
            if total >= _GROWN * told.requests and now - told.at >= _PACE_S:
                told.requests, told.at = total, now
                yield Event.GROWN, finding

    def _nothing(self) -> Partial:
        partial = Partial(selection=self._selection)
        partial.inputs.append(Input(self._path))
        return partial


def pause_after(cost_s: float) -> float:
    """Return how long to wait after a look that took so long, so that looking stays cheap."""
    return max(1.0, _DEAR * cost_s)
