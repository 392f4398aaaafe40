"""The report for programs: JSON by docs/audit.schema.json, and SARIF 2.1.0."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from floodwall import __version__
from floodwall.audit.check import Check, Severity, Status
from floodwall.audit.checklist import CHECKS
from floodwall.audit.report import Judged, Report

SCHEMA: Final = "floodwall.audit/1"
"""Name and version of the JSON; a member that goes or changes its meaning makes a new version."""

_SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_KINDS: Final = {
    Status.PASS: "pass",
    Status.FINDING: "fail",
    Status.UNREADABLE: "open",
    Status.NOT_APPLICABLE: "notApplicable",
}
_PLACE: Final = re.compile(r"(/\S+):(\d+)")


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernel": report.kernel,
        "score": report.score,
        "open": len(report.findings()),
        "accepted": len(report.accepted),
        "unreadable": report.count(Status.UNREADABLE),
        "results": [_result(each) for each in report.judged],
        "sysctls": [
            {**asdict(row), "after_boot": row.after_boot, "differs": row.differs}
            for row in report.columns
        ],
        "expired": list(report.expired),
    }


def _result(each: Judged) -> dict[str, Any]:
    check = each.check
    return {
        "check": check.id,
        "title": check.title,
        "severity": each.severity.word,
        "status": each.outcome.status.value,
        "subject": each.outcome.subject,
        "text": each.outcome.text,
        "accepted": each.accepted,
        "expected": check.expected,
        "why": check.why,
        "source": check.source,
        "kernels": check.kernels,
        "fix": each.outcome.fix,
        "reads": list(check.reads),
        "interactions": [asdict(one) for one in check.interactions],
    }


def as_sarif(report: Report) -> dict[str, Any]:
    """Return the report in the Static Analysis Results Interchange Format 2.1.0 (OASIS)."""
    return {
        "$schema": _SARIF,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "floodwall audit",
                        "version": __version__,
                        "rules": [_rule(check) for check in CHECKS],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": list(_results(report)),
            }
        ],
    }


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": f"{check.why} Expected: {check.expected}."},
        "help": {"text": f"{check.fix}. Source: {check.source}. Kernels: {check.kernels}."},
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {"severity": check.severity.word},
    }


def _results(report: Report) -> Iterator[dict[str, Any]]:
    numbers = {check.id: number for number, check in enumerate(CHECKS)}
    for each in report.judged:
        outcome = each.outcome
        failed = outcome.status is Status.FINDING
        words = f"{outcome.subject}: {outcome.text}" if outcome.subject else outcome.text
        result: dict[str, Any] = {
            "ruleId": each.check.id,
            "ruleIndex": numbers[each.check.id],
            "kind": _KINDS[outcome.status],
            # SARIF 3.27.10: whatever did not fail has no level.
            "level": _LEVELS[each.severity] if failed else "none",
            "message": {"text": f"{words} Fix: {outcome.fix}" if failed else words},
            "locations": [_location(outcome.subject)],
            "partialFingerprints": {"checkAndSubject/v1": _fingerprint(each)},
        }
        if each.accepted:
            result["suppressions"] = [{"kind": "external", "justification": each.accepted}]
        yield result


def _location(subject: str) -> dict[str, Any]:
    if place := _PLACE.fullmatch(subject):
        region = {"startLine": int(place[2])}
        return {
            "physicalLocation": {
                "artifactLocation": {"uri": f"file://{place[1]}"},
                "region": region,
            }
        }
    name = subject or "machine"
    return {"logicalLocations": [{"name": name, "fullyQualifiedName": name}]}


def _fingerprint(each: Judged) -> str:
    words = f"{each.check.id}\0{each.outcome.subject}"
    return hashlib.sha256(words.encode()).hexdigest()[:32]
