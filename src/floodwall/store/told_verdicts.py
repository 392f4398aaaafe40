"""Which verdicts are worth a row: each change, and during an attack what it has come to.

Law: a verdict that changes every second cannot fill the record.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from floodwall.core.model import SECOND_NS
from floodwall.core.verdict import Kind, Verdict

AGAIN_NS = 30 * SECOND_NS
"""During an attack the same verdict is written again so often, with fresh evidence."""

SURER_NS = 5 * SECOND_NS
"""And no more often than this when only its confidence has changed."""

_SURER = 0.2


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict that is worth a row."""

    verdict: Verdict
    changed: bool
    """It is of another kind than the one before, which an operator wants to be told."""


@dataclass(slots=True)
class ToldVerdicts:
    """The last verdict that was written of each service."""

    _last: dict[int | None, tuple[int, Verdict]] = field(default_factory=dict)

    def news(self, now_ns: int, verdicts: Mapping[int | None, Verdict]) -> Iterator[Told]:
        """Yield the verdicts to write in this second."""
        for service in [*self._last]:
            if service not in verdicts:
                del self._last[service]
        for service, verdict in verdicts.items():
            at_ns, last = self._last.get(service, (0, None))
            before = last.kind if last else Kind.CALM
            if verdict.kind is before and not self._grown(now_ns - at_ns, last, verdict):
                continue
            self._last[service] = now_ns, verdict
            yield Told(verdict, changed=verdict.kind is not before)

    @staticmethod
    def _grown(age_ns: int, last: Verdict | None, verdict: Verdict) -> bool:
        if last is None or not verdict.kind.is_attack:
            return False
        surer = abs(verdict.confidence - last.confidence) >= _SURER
        return age_ns >= (SURER_NS if surer else AGAIN_NS)
