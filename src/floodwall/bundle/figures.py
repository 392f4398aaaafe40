"""What an incident came to in numbers, from its series; what was not counted is None, never 0."""

from collections.abc import Sequence
from dataclasses import dataclass

from floodwall.bundle.case import Case, seconds_of
from floodwall.store.rows import SampleRow


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate over the whole incident."""

    peak: float
    mean: float
    total: float
    """Mean times span."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Start, end and rates; times are seconds since 1970."""

    start: float | None
    end: float | None
    """The end, or the last sample of an incident that goes on."""
    rates: dict[str, Rate]
    """By name of the fact."""
    samples: int
    asked: int
    """Seconds in which a canary was sent."""
    connected: int
    """Of these, in how many it got in."""

    @property
    def lasted_s(self) -> float | None:
        """Return the seconds from start to end."""
        if self.start is None or self.end is None:
            return None
        return max(0.0, self.end - self.start)


RATES = (
    *("syns", "passed", "challenged", "proven", "completed", "dropped", "bad_acks"),
    *("received_bit_s", "listen_overflows", "listen_drops", "cookies_sent"),
)
"""Facts that are so many a second."""


def figures_of(case: Case) -> Figures:
    """Return the figures; the seconds before an incident are none of it."""
    samples = [row for row in case.series if row.tick >= 0]
    row, start = case.incident, seconds_of(case.incident.opened)
    ended = row.closed or (samples[-1].at if samples else row.opened)
    asked = [row.facts["canary_connected"] for row in samples if "canary_connected" in row.facts]
    return Figures(
        start=start,
        end=seconds_of(ended),
        rates={name: rate for name in RATES if (rate := _rate(samples, name, case)) is not None},
        samples=len(samples),
        asked=len(asked),
        connected=sum(1 for value in asked if value),
    )


def points(case: Case, name: str) -> list[tuple[float, float]]:
    """Return a fact over time, the seconds before the incident too."""
    found = []
    for row in case.series:
        at, value = seconds_of(row.at), row.facts.get(name)
        if at is not None and value is not None:
            found.append((at, float(value)))
    return found


def _rate(samples: Sequence[SampleRow], name: str, case: Case) -> Rate | None:
    values = [float(row.facts[name]) for row in samples if name in row.facts]
    if not values:
        return None
    mean = sum(values) / len(values)
    span_s = samples[-1].tick - samples[0].tick + case.incident.step_s
    peak = max(*values, float(case.incident.peak.get(name, 0)))
    return Rate(peak, mean, mean * span_s)
