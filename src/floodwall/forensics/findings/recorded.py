"""What the live defence recorded, beside what the other evidence tells."""

from floodwall.core.verdict import Evidence
from floodwall.forensics.finding import Finding, Rate, Requests, Sources, Spoofing, Victim
from floodwall.forensics.incidents import Incident
from floodwall.forensics.partial import Partial

_RECORD = "recorded by Floodwall while it happened"


def find(partial: Partial) -> list[Finding]:
    """Return one finding for each recorded incident that has a kind here."""
    return [_finding(one) for one in partial.incidents if one.kind is not None]


def _finding(one: Incident) -> Finding:
    assert one.kind is not None  # noqa: S101 # chosen above
    return Finding(
        kind=one.kind,
        confidence=0.9,
        start=one.opened,
        end=one.closed,
        victims=(Victim(one.address, one.port),),
        requests=Requests(0, 0, f"{_RECORD}: its series counts them"),
        rate=Rate(None, one.peak, None, reason=_RECORD),
        sources=Sources(0, reason=_RECORD),
        spoofing=Spoofing(None, f"{_RECORD}: see floodwall incidents"),
        evidence=(Evidence("recorded", 1, text=f"{_RECORD}, as {one.called}"),),
        notes=() if one.closed is not None else ("it was going on when the record was read",),
    )
