"""What all checks say of a machine, what of it is accepted, and the score."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from floodwall.audit.baseline import Baseline
from floodwall.audit.check import Check, Outcome, Severity, Status
from floodwall.audit.checklist import CHECKS
from floodwall.audit.columns import Columns, columns
from floodwall.audit.facts import Facts, Unread

WEIGHTS = {
    Severity.INFO: 0,
    Severity.LOW: 1,
    Severity.MEDIUM: 3,
    Severity.HIGH: 6,
    Severity.CRITICAL: 12,
}
"""What a check counts in the score."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One outcome of one check, and the reason why it is accepted, if it is."""

    check: Check
    outcome: Outcome
    accepted: str = ""

    @property
    def severity(self) -> Severity:
        """Return how bad it is."""
        found = self.outcome.severity
        return self.check.severity if found is None else found

    @property
    def is_open(self) -> bool:
        """Tell whether it is a finding that nobody accepted."""
        return self.outcome.status is Status.FINDING and not self.accepted


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an audit."""

    kernel: str
    judged: tuple[Judged, ...]
    columns: tuple[Columns, ...]
    expired: tuple[str, ...] = ()
    """Entries of the baseline that hold no longer."""

    def findings(self, least: Severity = Severity.INFO) -> list[Judged]:
        """Return the open findings from a severity on, the worst first."""
        found = [each for each in self.judged if each.is_open and each.severity >= least]
        return sorted(found, key=lambda each: -each.severity)

    def count(self, status: Status) -> int:
        """Return how many outcomes have a status; accepted findings are not among them."""
        return sum(each.outcome.status is status and not each.accepted for each in self.judged)

    @property
    def accepted(self) -> list[Judged]:
        """Return the findings that the baseline accepts."""
        return [each for each in self.judged if each.accepted]

    @property
    def score(self) -> int | None:
        """Return the share of what was judged that is well, by weight, in percent.

        A check counts once, by its worst outcome; what could not be read does not count, and a
        machine of which nothing could be read has no score.
        """
        earned = total = 0
        for check in CHECKS:
            mine = [each for each in self.judged if each.check.id == check.id]
            if not any(each.outcome.status in {Status.PASS, Status.FINDING} for each in mine):
                continue
            worst = max((WEIGHTS[each.severity] for each in mine if each.is_open), default=0)
            weight = max(WEIGHTS[check.severity], worst)
            total += weight
            earned += weight - worst
        return round(100 * earned / total) if total else None


def audit(facts: Facts, baseline: Baseline | None = None, today: str = "") -> Report:
    """Run every check; `today` is the date in ISO 8601 that a baseline's entries are held to."""
    accepted = baseline or Baseline()
    kernel = "unknown" if isinstance(facts.release, Unread) else facts.release.text
    return Report(
        kernel=kernel,
        judged=tuple(_judge(CHECKS, facts, accepted, today)),
        columns=tuple(columns(facts)),
        expired=tuple(str(entry) for entry in accepted.expired(today)),
    )


def _judge(
    checks: Iterable[Check], facts: Facts, baseline: Baseline, today: str
) -> Iterator[Judged]:
    for check in checks:
        for outcome in check.run(facts):
            reason = ""
            if outcome.status is Status.FINDING:
                reason = baseline.reason(check.id, outcome.subject, today)
            yield Judged(check, outcome, reason)
