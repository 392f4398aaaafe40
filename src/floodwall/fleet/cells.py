"""What an audit, a diagnosis and a plan come to in one cell of the matrix for each check."""

from collections.abc import Iterable, Mapping

from floodwall.audit.check import Severity, Status
from floodwall.audit.checklist import CHECKS
from floodwall.audit.plan import FILE, Plan
from floodwall.audit.report import Judged, Report
from floodwall.core.diagnosis.ailment import Ailment, Diagnosis
from floodwall.core.diagnosis.ailment import Severity as Urgency
from floodwall.fleet.matrix import Cell

AUDITED = tuple(check.id for check in CHECKS)
AILMENTS = tuple(each.value for each in Ailment)
_WELL = {Status.PASS: "pass", Status.UNREADABLE: "unread", Status.NOT_APPLICABLE: "n/a"}
_RANK = {Status.PASS: 1, Status.UNREADABLE: 2, Status.NOT_APPLICABLE: 0}
_URGENT = {Urgency.CRITICAL: int(Severity.CRITICAL) + 1, Urgency.WARNING: int(Severity.MEDIUM) + 1}


def audit_cells(report: Report) -> dict[str, Cell]:
    """Return what each check comes to: its worst finding, or what became of it."""
    return {
        check: _judged([each for each in report.judged if each.check.id == check])
        for check in AUDITED
    }


def doctor_cells(diagnosis: Diagnosis) -> dict[str, Cell]:
    """Return what is wrong, each ailment by its worst finding."""
    cells: dict[str, Cell] = {}
    for finding in diagnosis.findings:  # the worst is the first
        fix = finding.remedies[0].command if finding.remedies else ""
        text = f"{finding.summary} ({finding.confidence:.0%} sure)"
        found = Cell(finding.severity.value, _URGENT[finding.severity], text, fix)
        cells.setdefault(finding.ailment.value, found)
    return cells


def plan_cells(plan: Plan) -> dict[str, Cell]:
    """Return what would be changed, by sysctl, and our file."""
    cells = {
        step.name: Cell(f"{step.before} -> {step.after}", 1, f"{step.before} -> {step.after}")
        for step in plan.steps
    }
    if plan.file_before != plan.file_after:
        cells[FILE] = Cell("changed" if plan.file_before else "written", 1, "\n".join(plan.diff()))
    return cells


def named(cells: Iterable[Mapping[str, Cell]]) -> tuple[str, ...]:
    """Return all names that there are, each once, in order."""
    return tuple(dict.fromkeys(name for each in cells for name in each))


def _judged(found: list[Judged]) -> Cell:
    if worst := sorted((each for each in found if each.is_open), key=lambda each: -each.severity):
        first = worst[0]
        subject = f"[{first.outcome.subject}] " if first.outcome.subject else ""
        more = f" (and {len(worst) - 1} more)" if len(worst) > 1 else ""
        return Cell(
            first.severity.word,
            int(first.severity) + 1,
            f"{subject}{first.outcome.text}{more}",
            first.outcome.fix,
        )
    if any(each.accepted for each in found):
        return Cell("accepted", text=next(each.accepted for each in found if each.accepted))
    best = max(found, key=lambda each: _RANK[each.outcome.status], default=None)
    return Cell("n/a") if best is None else Cell(_WELL[best.outcome.status], text=best.outcome.text)
