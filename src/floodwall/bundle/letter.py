"""A letter to an abuse desk about one accused source: a text for people, X-ARF for their machine.

It has no recipient and no date: whom it goes to, and when, is the operator's to say.
"""

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from floodwall.bundle.case import Case
from floodwall.bundle.sources import Source
from floodwall.bundle.victim import Victim
from floodwall.bundle.xarf import as_bytes, description, evidence_text, port_of
from floodwall.core.settings_report import ReportPolicy

_POLICY = SMTP.clone(max_line_length=100)


def letter_of(
    case: Case, source: Source, victim: Victim, reporter: ReportPolicy, xarf: dict[str, Any]
) -> bytes:
    """Return the letter as a file that every mail program opens (RFC 5322)."""
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = reporter.contact
    letter["Subject"] = f"Abuse report: connection flood from {source.address}"
    letter["X-Floodwall-Incident"] = case.incident.name
    letter.set_content(_text(case, source, victim, reporter), cte="quoted-printable")
    letter.add_attachment(
        as_bytes(xarf), maintype="application", subtype="json", filename="xarf.json"
    )
    # Else the boundary is drawn by lot, and the same incident would not give the same bytes.
    letter.set_boundary(f"=_{xarf['report_id']}")
    return letter.as_bytes()


def _text(case: Case, source: Source, victim: Victim, reporter: ReportPolicy) -> str:
    done = "It was banned here for a time." if source.banned else "It was not banned here."
    return (
        "Dear abuse team,\n\n"
        f"{description(source, victim)}\n\n"
        f"Source: {source.address}, for instance TCP port {port_of(source)}\n"
        f"Victim: {victim}\n"
        f"First seen: {source.decisions[0].at}\n"
        f"Last seen: {source.decisions[-1].at}\n"
        f"{done}\n\n"
        "Please look into it and stop it. A report in X-ARF 4 is attached for your system.\n\n"
        f"{evidence_text(case, source)}\n"
        f"{reporter.organisation}\n{reporter.contact}\n"
    )
