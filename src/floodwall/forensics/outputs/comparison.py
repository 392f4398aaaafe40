"""Two attacks beside each other, for terminals and programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from floodwall.core.verdict import Interval
from floodwall.forensics.compare import Aspect, Comparison, Side
from floodwall.forensics.finding import Finding
from floodwall.forensics.outputs.document import document
from floodwall.forensics.outputs.sentences import TITLES, sentences
from floodwall.forensics.words import printable

SCHEMA: Final = "floodwall.compare/1"
_FACTS: Final = ("from", "to", "against", "requests", "per second", "sources", "forged")
_DIGITS: Final = 6


def as_json(found: Comparison) -> str:
    """Return a comparison as JSON text; ASCII only."""
    whole = {
        "schema": SCHEMA,
        "a": {"path": found.a.path, "account": document(found.a.account)},
        "b": {"path": found.b.path, "account": document(found.b.account)},
        "aspects": [_aspect(aspect) for aspect in found.aspects],
        "conclusions": list(found.conclusions),
    }
    return json.dumps(whole, indent=1, allow_nan=False)


def show(found: Comparison, console: Console) -> None:
    """Print a comparison."""
    facts = Table(box=SIMPLE_HEAD, pad_edge=False)
    facts.add_column("")
    for side in (found.a, found.b):
        facts.add_column(Text(printable(side.path)), overflow="fold")
    for name, *values in _beside(found.a, found.b):
        facts.add_row(name, *(Text(printable(value, 1_000)) for value in values))
    console.print(facts)
    shared = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("what", "in A", "in B", "in both", "of A", "of B", "requests alike"):
        shared.add_column(name, justify="left" if name == "what" else "right")
    for aspect in found.aspects:
        shared.add_row(
            aspect.name,
            *(f"{'' if aspect.exact else '~'}{n:,}" for n in (aspect.in_a, aspect.in_b)),
            f"{'' if aspect.exact else '~'}{aspect.both:,}",
            _share(aspect.of_a),
            _share(aspect.of_b),
            "unknown" if aspect.alike is None else f"{aspect.alike:.1%}",
        )
    console.print(shared)
    for text in dict.fromkeys(aspect.reason for aspect in found.aspects if aspect.reason):
        console.print(Text(f"~ {printable(text)}", style="dim"))
    for text in found.conclusions:
        console.print(Text(printable(text, 1_000)))


def _beside(a: Side, b: Side) -> Iterator[tuple[str, str, str]]:
    worst = [side.account.findings[0] if side.account.findings else None for side in (a, b)]
    titles = ["nothing found" if one is None else TITLES[one.kind] for one in worst]
    yield "what", titles[0], titles[1]
    told = [_told(finding) for finding in worst]
    for name in _FACTS:
        if any(name in one for one in told):
            yield name, told[0].get(name, ""), told[1].get(name, "")


def _told(finding: Finding | None) -> dict[str, str]:
    return {} if finding is None else dict(reversed(sentences(finding)))


def _share(share: Interval | None) -> str:
    if share is None:
        return "unknown"
    return f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"


def _aspect(aspect: Aspect) -> dict[str, Any]:
    made = asdict(aspect)
    for name in ("of_a", "of_b"):
        if made[name] is not None:
            made[name] = {key: round(value, _DIGITS) for key, value in made[name].items()}
    for name in ("alike", "chance"):
        made[name] = None if made[name] is None else round(made[name], _DIGITS)
    return made
