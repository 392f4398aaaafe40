"""A diagnosis for a reader and for a program."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from floodwall.core.diagnosis.ailment import Diagnosis, Finding, Remedy
from floodwall.core.diagnosis.symptoms import Symptoms


def head_line(diagnosis: Diagnosis) -> str:
    """Return the verdict in one line, how bad it is first."""
    if diagnosis.blind:
        return f"BLIND: {diagnosis.verdict}"
    if not diagnosis.findings:
        return f"OK: {diagnosis.verdict}"
    return f"{diagnosis.findings[0].severity.upper()}: {diagnosis.verdict}"


def report_lines(diagnosis: Diagnosis, seen: Symptoms) -> Iterator[str]:
    """Yield the verdict, the evidence, what to type, and what could not be seen."""
    yield head_line(diagnosis)
    if diagnosis.findings:
        yield ""
        yield f"evidence, of {seen.seconds:.1f} s:"
    for finding in diagnosis.findings:
        yield from _finding(finding)
    if diagnosis.remedies:
        yield ""
        yield "what to type, in this order:"
    for number, remedy in enumerate(diagnosis.remedies, 1):
        yield from _remedy(number, remedy)
    for title, lines in (("worth knowing:", diagnosis.notes), ("cannot see:", diagnosis.unseen)):
        if lines:
            yield ""
            yield title
            yield from (f"  {line}" for line in lines)


def _finding(finding: Finding) -> Iterator[str]:
    yield f"  {finding.severity}: {finding.summary} ({finding.confidence:.0%} sure)"
    yield from (f"    {one.text}" for one in finding.evidence)


def _remedy(number: int, remedy: Remedy) -> Iterator[str]:
    yield f"  {number}. {remedy.command}"
    yield f"     why:   {remedy.why}"
    yield f"     costs: {remedy.cost}"
    yield f"     undo:  {remedy.undo}"
    if remedy.setting is not None:
        yield "     safe:  `floodwall doctor --fix` runs it"


def document(
    diagnosis: Diagnosis, seen: Symptoms, done: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """Return the same as values that JSON has; `done` is what `--fix` did, if it was asked for."""
    severity = diagnosis.findings[0].severity if diagnosis.findings else None
    found: dict[str, Any] = {
        "verdict": diagnosis.verdict,
        "severity": severity,
        "window_s": round(seen.seconds, 3),
        "kernel": seen.kernel,
        "findings": [_plain(finding) for finding in diagnosis.findings],
        "remedies": [_typed(remedy) for remedy in diagnosis.remedies],
        "notes": list(diagnosis.notes),
        "cannot_see": list(diagnosis.unseen),
        "blind": diagnosis.blind,
    }
    return found if done is None else found | {"done": list(done)}


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "ailment": finding.ailment,
        "severity": finding.severity,
        "summary": finding.summary,
        "confidence": finding.confidence,
        "service": finding.service,
        "port": finding.port,
        "evidence": [asdict(one) for one in finding.evidence],
        "remedies": [remedy.command for remedy in finding.remedies],
    }


def _typed(remedy: Remedy) -> dict[str, Any]:
    return {
        "command": remedy.command,
        "why": remedy.why,
        "cost": remedy.cost,
        "undo": remedy.undo,
        "safe": remedy.setting is not None,
    }
