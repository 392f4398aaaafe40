"""What every page of ours shares: a head that lets nothing be loaded or run, and tables."""

from collections.abc import Sequence
from typing import Final

from floodwall.forensics.outputs.charts import safe
from floodwall.forensics.outputs.page_style import STYLE

BAR: Final = "share"
"""Head of a column that holds markup of ours: a bar."""

_HEAD: Final = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n'
)


def framed(title: str, body: Sequence[str], style: str = "") -> str:
    """Return a whole page of pieces of markup; `title` is text."""
    head = f"{_HEAD}<title>{safe(title)}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n"
    return f"{head}<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"


def table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], longest: int = 1_000
) -> str:
    """Return a table; the column of bars is markup of ours, all else is text."""
    if not rows:
        return ""
    caption = f"<caption>{safe(title)}</caption>" if title else ""
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in heads)
    lines = []
    for row in rows:
        cells = [
            f"<td>{cell if name == BAR else safe(cell, longest)}</td>"
            for name, cell in zip(heads, row, strict=True)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def capital(text: str) -> str:
    """Return a sentence with a capital in front."""
    return text[:1].upper() + text[1:]
