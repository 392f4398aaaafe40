"""What was recorded while it happened."""

from floodwall.forensics.finding import Kind
from floodwall.forensics.findings.recorded import find
from floodwall.forensics.incidents import Incident
from floodwall.forensics.partial import Partial


def test_each_incident_with_a_kind_is_a_finding() -> None:
    """One that goes on says so."""
    partial = Partial()
    partial.incidents = [
        Incident(Kind.SYN_FLOOD, "spoofed_flood", None, 80, 1.0, None, 9.0),
        Incident(None, "rule", None, 80, 1.0, 2.0, None),
    ]
    (finding,) = find(partial)
    assert (finding.kind, finding.end, finding.rate.peak) == (Kind.SYN_FLOOD, None, 9.0)
    assert finding.notes
