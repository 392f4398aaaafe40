"""The account: all partials joined on one time line, and what they amount to."""

from collections.abc import Callable
from dataclasses import dataclass

from floodwall.forensics.evidence import Input
from floodwall.forensics.finding import Finding, Hint, Kind, worst
from floodwall.forensics.findings import dropped
from floodwall.forensics.findings.hints import hints
from floodwall.forensics.partial import Packets, Partial

_FINDERS: tuple[Callable[[Partial], list[Finding]], ...] = (dropped.find,)


@dataclass(frozen=True, slots=True)
class Account:
    """What happened, as far as the evidence tells."""

    findings: tuple[Finding, ...]
    hints: tuple[Hint, ...]
    inputs: tuple[Input, ...]
    packets: Packets

    @property
    def verdict(self) -> Kind | None:
        """Return the kind of the worst finding."""
        return worst(self.findings)

    @property
    def is_attack(self) -> bool:
        """Tell whether any finding is an attack."""
        return any(finding.kind.is_attack for finding in self.findings)


def account_of(partial: Partial) -> Account:
    """Return the account of everything that was read."""
    found = [finding for find in _FINDERS for finding in find(partial)]
    order = list(Kind)
    found.sort(key=lambda finding: (order.index(finding.kind), -finding.requests.total))
    return Account(tuple(found), tuple(hints(partial)), tuple(partial.inputs), partial.packets)
