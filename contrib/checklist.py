"""Writes the checklist of docs/audit.md from the declarations of the checks.

`python -m contrib.checklist` replaces what stands below the mark; a test compares the two.
"""

from collections.abc import Iterator
from pathlib import Path

from floodwall.audit.check import Check
from floodwall.audit.checklist import CHECKS, TOPICS

PAGE = Path(__file__).resolve().parents[1] / "docs/audit.md"
MARK = "<!-- Below this line: python -m contrib.checklist -->\n"


def checklist() -> str:
    """Return every check by topic, in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield ""
    yield f"{len(CHECKS)} checks."
    for topic, checks in TOPICS.items():
        yield ""
        yield f"## {topic[0].upper()}{topic[1:]}"
        for check in checks:
            yield from _check(check)


def _check(check: Check) -> Iterator[str]:
    yield ""
    yield f"### {check.id}"
    yield ""
    yield f"**{check.title}** ({check.severity.word}). {check.why}"
    yield ""
    yield f"- reads: {', '.join(f'`{each}`' for each in check.reads)}"
    yield f"- expected: {check.expected}"
    yield f"- fix: {check.fix}"
    yield f"- source: {check.source}"
    yield f"- kernels: {check.kernels}"
    for one in check.interactions:
        other = "the firewall's rules" if one.other == "rules" else f"[{one.other}](#{one.other})"
        yield f"- with {other}: {one.text}"


def main() -> None:
    """Write the page anew."""
    head, _, _ = PAGE.read_text().partition(MARK)
    PAGE.write_text(f"{head}{MARK}{checklist()}")


if __name__ == "__main__":
    main()
