"""The account: all partials joined on one time line, and what they amount to."""

from dataclasses import dataclass

from floodwall.forensics.evidence import Input
from floodwall.forensics.finding import Finding, Hint, Kind, worst
from floodwall.forensics.findings import (
    dropped,
    dumps,
    finished,
    flood,
    orphans,
    recorded,
    reflection,
    scan,
)
from floodwall.forensics.findings.hints import hints
from floodwall.forensics.partial import Packets, Partial
from floodwall.forensics.view import view_of


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
    def is_blind(self) -> bool:
        """Tell whether nothing at all could be read: then nothing found means nothing."""
        return bool(self.inputs) and all(one.errors and not one.records for one in self.inputs)

    @property
    def is_attack(self) -> bool:
        """Tell whether any finding is an attack."""
        return any(finding.kind.is_attack for finding in self.findings)


def account_of(partial: Partial) -> Account:
    """Return the account of everything that was read."""
    view = view_of(partial.flows)
    scans = scan.scanners(view)
    found = [
        *dropped.find(partial),
        *dumps.find(partial),
        *recorded.find(partial),
        *flood.find(partial, view, scans),
        *orphans.find(view, scans),
        *reflection.find(view, scans),
        *scan.find(view, scans),
        *finished.find(view),
    ]
    order = list(Kind)
    found.sort(key=lambda finding: (order.index(finding.kind), -finding.requests.total))
    return Account(
        tuple(found),
        (*hints(partial), *dumps.hints(partial)),
        tuple(partial.inputs),
        partial.packets,
    )
