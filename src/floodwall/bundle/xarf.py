"""X-ARF 4 reports: one accused source each, for the abuse desk of its network.

Format: XARF 4.2.0, category `connection`, type `ddos`.
"""

import base64
import hashlib
import json
import uuid
from typing import Any, Final

from floodwall.bundle.case import Case, told
from floodwall.bundle.sources import Source
from floodwall.bundle.victim import Victim
from floodwall.core.abuse import SOURCE_PORT
from floodwall.core.decision import Act
from floodwall.core.settings_report import ReportPolicy
from floodwall.forensics.words import printable

VERSION: Final = "4.2.0"
_DESCRIPTION: Final = 1000  # the longest that the schema takes
_TEXT: Final = 600
_EVIDENCE_MAX: Final = 20


def xarf_of(case: Case, source: Source, victim: Victim, reporter: ReportPolicy) -> dict[str, Any]:
    """Return the report about an accused source; the same case gives the same report."""
    evidence = evidence_text(case, source).encode()
    contact = {
        "org": reporter.organisation,
        "contact": reporter.contact,
        "domain": reporter.domain,
    }
    first, last = source.decisions[0], source.decisions[-1]
    report: dict[str, Any] = {
        "xarf_version": VERSION,
        "report_id": _identity(case, source, reporter),
        "timestamp": first.at,
        "reporter": contact,
        "sender": dict(contact),
        "source_identifier": str(source.address),
        "category": "connection",
        "type": "ddos",
        "evidence_source": "traffic_monitoring",
        "protocol": "tcp",
        "attack_vector": "connection_flood",
        "first_seen": first.at,
        "last_seen": last.at,
        "mitigation_applied": source.banned,
        "description": description(source, victim),
        "evidence": [
            {
                "content_type": "text/plain",
                "description": "What was measured, by which rule, and what was done",
                "payload": base64.b64encode(evidence).decode(),
                "hash": f"sha256:{hashlib.sha256(evidence).hexdigest()}",
                "size": len(evidence),
            }
        ],
        "tags": ["attack:connection-flood", "reporter:floodwall"],
    }
    if port := port_of(source):
        report["source_port"] = port
    if victim.addresses:
        report["destination_ip"] = victim.of(source.address.version)
    if victim.port:
        report["destination_port"] = victim.port
    return report


def as_bytes(report: dict[str, Any]) -> bytes:
    """Write a report as the file that is sent."""
    return json.dumps(report, indent=2, ensure_ascii=False).encode() + b"\n"


def description(source: Source, victim: Victim) -> str:
    """Tell in a sentence what the source did."""
    measured = "; ".join(dict.fromkeys(_measured(source)))
    text = (
        f"{source.address} completed TCP handshakes with {victim}, so its address is not forged, "
        f"and then exceeded the limits there: {measured}."
    )
    return printable(text, _DESCRIPTION)


def port_of(source: Source) -> int:
    """Return a port that it came from; 0 where the record is older than that evidence."""
    for row in source.decisions:
        for each in row.evidence:
            value = each.get("value")
            if each.get("name") == SOURCE_PORT and isinstance(value, int | float):
                return int(value)
    return 0


def evidence_text(case: Case, source: Source) -> str:
    """Write what was measured, line by line; times are UTC."""
    lines = [
        f"Incident {case.incident.name} at {case.incident.service}, all times UTC.",
        f"Source {source.address}: {source.why}.",
        "Measured in the connection table of the server, of completed handshakes only.",
        "",
    ]
    for row in source.decisions[:_EVIDENCE_MAX]:
        lines.append(f"{row.at}  {row.act} by rule {row.rule}: {row.text}")
        lines += [f"  {told(each)}" for each in row.evidence]
        lines += [f"  {each.command} {each.subject}: {each.state}" for each in row.actions]
    more = len(source.decisions) - _EVIDENCE_MAX
    if more > 0:
        lines.append(f"{more} more decisions of the same kind")
    return "".join(f"{printable(line, _TEXT)}\n" for line in lines)


def _identity(case: Case, source: Source, reporter: ReportPolicy) -> str:
    """Name a report such that the same one, made again, has the same name: a UUID of version 4."""
    first = source.decisions[0]
    facts = (reporter.contact, case.incident.name, case.incident.opened, source.network, first.at)
    digest = hashlib.sha256("\n".join(map(str, facts)).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _measured(source: Source) -> list[str]:
    texts = [
        str(each.get("text") or told(each)) for row in source.decisions for each in row.evidence
    ]
    would = source.decisions[0].act == Act.WOULD_BAN.value
    return texts or ["its connections were only watched" if would else "see the evidence"]
