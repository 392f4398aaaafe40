"""The report of an audit as one page for a browser: nothing is loaded, nothing runs."""

from collections.abc import Iterator, Sequence
from typing import Final

from floodwall import __version__
from floodwall.audit.check import Status
from floodwall.audit.report import Judged, Report
from floodwall.forensics.outputs.charts import safe
from floodwall.forensics.outputs.frame import framed

_TABLE: Final = "table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .6rem}\n"


def audit_page(report: Report, machine: str) -> str:
    """Return the whole page; the same report makes the same page."""
    open_ = report.findings()
    score = "no score" if report.score is None else f"{report.score} of 100"
    kind = "attack" if open_ else "calm"
    head = (
        f'<header class="{kind}"><p>Floodwall audit of {safe(machine)}</p><h1>{safe(score)}</h1>'
        f"<p>{len(open_)} findings, {len(report.accepted)} accepted, "
        f"{report.count(Status.UNREADABLE)} unreadable; kernel {safe(report.kernel)}</p></header>"
    )
    body = [
        head,
        "<main>",
        *(_finding(each) for each in open_),
        _rest(report),
        _columns(report),
        f"</main>\n<footer>Made by floodwall audit {safe(__version__)}.</footer>",
    ]
    return framed(f"{score}: floodwall audit", body, _TABLE)


def _finding(each: Judged) -> str:
    check, outcome = each.check, each.outcome
    subject = f" <small>{safe(outcome.subject)}</small>" if outcome.subject else ""
    facts = [
        ("Severity", each.severity.word),
        ("Found", outcome.text),
        ("Expected", check.expected),
        ("Why", check.why),
        ("Fix", outcome.fix),
        ("Source", f"{check.source}; kernels: {check.kernels}"),
        *(("With", f"{one.other}: {one.text}") for one in check.interactions),
    ]
    rows = "".join(f"<dt>{safe(word)}</dt><dd>{safe(text)}</dd>" for word, text in facts)
    return f'<section class="attack"><h2>{safe(check.title)}{subject}</h2><dl>{rows}</dl></section>'


def _rest(report: Report) -> str:
    rows = [
        (each.outcome.status.value, each.check.title, each.outcome.subject, each.outcome.text)
        for each in report.judged
        if each.outcome.status is not Status.FINDING
    ]
    rows += [
        ("accepted", each.check.title, each.outcome.subject, each.accepted)
        for each in report.accepted
    ]
    return _table("Everything else", ("status", "check", "of", "says"), rows)


def _columns(report: Report) -> str:
    rows = [
        (row.name, row.runtime, row.after_boot, row.place, "differs" if row.differs else "")
        for row in report.columns
    ]
    head = ("sysctl", "runtime", "after boot", "by", "")
    return _table("Runtime, persisted, and the file that wins", head, rows)


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "".join(_table_pieces(title, head, rows))


def _table_pieces(
    title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> Iterator[str]:
    yield f"<section><h2>{safe(title)}</h2><table><tr>"
    yield from (f"<th>{safe(each)}</th>" for each in head)
    yield "</tr>\n"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{safe(each)}</td>' for each in row)}</tr>\n"
    yield "</table></section>"
