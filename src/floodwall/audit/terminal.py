"""The report as lines for a terminal: the worst first, then what nobody could see."""

import textwrap
from collections.abc import Iterator

from floodwall.audit.check import Status
from floodwall.audit.columns import Columns
from floodwall.audit.report import Judged, Report

_WIDTH = 100
_MARGIN = " " * 10


def report_lines(report: Report, *, everything: bool = False) -> Iterator[str]:
    """Yield the report; `everything` adds what passed and every sysctl."""
    yield _head(report)
    told: set[str] = set()
    for each in report.findings():
        yield from _finding(each, explain=each.check.id not in told)
        told.add(each.check.id)
    for each in report.judged:
        if each.accepted:
            yield f"accepted  {_name(each)}: {each.accepted}"
        elif each.outcome.status is Status.UNREADABLE:
            yield f"unread    {_name(each)}: {each.outcome.text}"
        elif everything and each.outcome.status is not Status.FINDING:
            word = "pass" if each.outcome.status is Status.PASS else "n/a"
            yield f"{word:<9} {_name(each)}: {each.outcome.text}"
    yield from (f"expired   {entry}: no longer accepted" for entry in report.expired)
    yield from _table([row for row in report.columns if everything or row.place or row.differs])


def _head(report: Report) -> str:
    score = "no score" if report.score is None else f"score {report.score} of 100"
    parts = [score, f"{len(report.findings())} findings"]
    if report.accepted:
        parts.append(f"{len(report.accepted)} accepted")
    if unread := report.count(Status.UNREADABLE):
        parts.append(f"{unread} could not be read")
    return f"{', '.join(parts)} (kernel {report.kernel})"


def _finding(each: Judged, *, explain: bool) -> Iterator[str]:
    yield from _hanging(f"{each.severity.word:<9} {_name(each)}: {each.outcome.text}", _MARGIN)
    if explain:
        yield from _wrapped("why", each.check.why)
        yield from _wrapped("source", each.check.source)
        for one in each.check.interactions:
            yield from _wrapped("with", f"{one.other}: {one.text}")
    yield from _wrapped("fix", each.outcome.fix)


def _name(each: Judged) -> str:
    subject = each.outcome.subject
    return f"{each.check.id} [{subject}]" if subject else each.check.id


def _wrapped(word: str, text: str) -> Iterator[str]:
    yield from _hanging(f"{_MARGIN}{word:<7}{text}", f"{_MARGIN}{'':<7}")


def _hanging(text: str, margin: str) -> Iterator[str]:
    """Wrap at spaces only: a command is copied as it stands."""
    yield from textwrap.wrap(
        text,
        _WIDTH,
        subsequent_indent=margin,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _table(rows: list[Columns]) -> Iterator[str]:
    if not rows:
        return
    cells = [("sysctl", "runtime", "after boot", "by")]
    cells += [
        (row.name, row.runtime, _after(row), row.place or ("default" if row.default else ""))
        for row in rows
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    yield ""
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield f"{line}  {row[3]}".rstrip()


def _after(row: Columns) -> str:
    return f"{row.after_boot} !" if row.differs else row.after_boot
