"""The bundle's page for a browser, and for print: nothing is loaded, nothing runs."""

from collections.abc import Iterator, Sequence
from typing import Final

from floodwall import __version__
from floodwall.bundle.figures import points
from floodwall.bundle.sources import WHY, Source, by_prefix
from floodwall.bundle.telling import Material, is_attack, sentences, title
from floodwall.forensics.outputs import page as account_page
from floodwall.forensics.outputs.charts import over_time, safe
from floodwall.forensics.outputs.frame import capital, framed, table
from floodwall.forensics.outputs.table import Place

_FOOT: Final = (
    f"<footer>Made by floodwall report {safe(__version__)} from the record of the attacked "
    "machine; times are UTC. SHA256SUMS has the sums of all files.</footer>"
)
_STYLE: Final = "td,th{overflow-wrap:break-word}\n.wide td:first-child,th{white-space:nowrap}\n"
_MOST: Final = 500
_LONGEST: Final = 2_000
_CHARTS: Final = (
    ("syns", "SYNs a second"),
    ("challenged", "Challenged SYNs a second"),
    ("completed", "Completed handshakes a second"),
    ("received_bit_s", "Bits a second, received by the whole machine"),
)


def page(made: Material, place: Place) -> bytes:
    """Return the whole page; the same case makes the same page."""
    row = made.case.incident
    kinds = (row.kind, *(one.kind for one in made.case.verdicts))
    attack = any(map(is_attack, kinds))
    name = f"Incident {row.name}: {title(row.kind)}"
    ended = f"to {short(row.closed)}" if row.closed else "and goes on"
    times = f"from {short(row.opened)} {ended}"
    head = (
        f'<header class="{"attack" if attack else "calm"}"><p>Floodwall report</p>'
        f"<h1>{safe(name)}</h1><p>{safe(f'{made.victim}; {times}')}</p></header>"
    )
    body = [
        head,
        "<main>",
        _what(made),
        _charts(made),
        _accused(made, place),
        _spared(made),
        _verdicts(made),
        _decisions(made),
        *_capture(made),
        _notes(made),
        "</main>",
        _FOOT,
    ]
    return framed(name, [part for part in body if part], _STYLE).encode()


def _what(made: Material) -> str:
    facts = "".join(f"<dt>{safe(word)}</dt><dd>{safe(text)}</dd>" for word, text in sentences(made))
    return _section("What happened", f"<dl>{facts}</dl>")


def _charts(made: Material) -> str:
    drawn = [
        over_time(name, points(made.case, name), title=text, height=200) for name, text in _CHARTS
    ]
    return _section("Second by second", "".join(drawn)) if any(drawn) else ""


def _accused(made: Material, place: Place) -> str:
    groups = [
        (prefix, str(len(group)), *place(group[0].address))
        for prefix, group in by_prefix(made.accused)
    ]
    rows = [
        (
            str(source.address),
            source.why,
            short(source.decisions[0].at),
            "; ".join(_evidence(source)),
            "yes" if source.banned else "no",
        )
        for source in made.accused[:_MOST]
    ]
    parts = [
        f"<p>{safe(WHY, _LONGEST)}</p>",
        "" if rows else "<p>No source on record is both: nobody is accused.</p>",
        _by_network(groups),
        table("Sources", ("source", "accused of", "since", "measured", "banned"), rows),
        _more(len(made.accused)),
    ]
    return _section("Proven sources above a limit", "".join(parts))


def _by_network(groups: Sequence[tuple[str, ...]]) -> str:
    """Return the groups; where nobody knows places there is no column for them."""
    heads = ("network", "sources", "country", "operator")
    wide = len(heads) if any(any(row[2:]) for row in groups) else 2
    return table("By network", heads[:wide], [row[:wide] for row in groups[:_MOST]])


def _spared(made: Material) -> str:
    rows = [
        (str(source.network), source.why, source.decisions[0].rule, short(source.decisions[0].at))
        for source in made.spared[:_MOST]
    ]
    if not rows:
        return ""
    shown = table("", ("named", "not accused, because", "rule", "since"), rows)
    return _section("Named, and not accused", shown + _more(len(made.spared)))


def _verdicts(made: Material) -> str:
    rows = [
        (
            short(row.at),
            title(row.kind),
            f"{row.confidence:.0%}",
            "; ".join(str(each.get("text") or each.get("name", "")) for each in row.evidence),
        )
        for row in made.case.verdicts[:_MOST]
    ]
    if not rows:
        return ""
    shown = table("", ("at", "verdict", "sure", "because"), rows, _LONGEST)
    return _section("What it was called", shown + _more(len(made.case.verdicts)))


def _decisions(made: Material) -> str:
    rows = [
        (
            short(row.at),
            row.text or row.subject,
            f"{row.rule}, {row.who}",
            "; ".join(f"{each.command}: {each.state}" for each in row.actions),
            short(row.until or ""),
        )
        for row in made.case.decisions[:_MOST]
    ]
    if not rows:
        return ""
    shown = table("", ("at", "decision", "rule and author", "carried out", "until"), rows, _LONGEST)
    return _section("What was done", shown + _more(len(made.case.decisions)))


def _capture(made: Material) -> Iterator[str]:
    if made.captured is None:
        return
    told = (
        f"From {made.captured.window}, as recorded by the operator. Sources in a capture are who "
        "packets say they are from; nobody is accused by them."
    )
    yield _section("The capture", f"<p>{safe(told)}</p>")
    for index, finding in enumerate(made.captured.account.findings[:_MOST], 1):
        yield account_page.section(index, finding)


def _notes(made: Material) -> str:
    if not made.notes:
        return ""
    items = "".join(f"<li>{safe(capital(note))}.</li>" for note in made.notes)
    return _section("What is not here", f"<ul>{items}</ul>")


def short(at: str) -> str:
    """Write a time of the record for a reader: `2027-01-15 08:00:05 UTC`."""
    day, _, clock = at.partition("T")
    return f"{day} {clock[:8]} UTC" if clock else at


def _evidence(source: Source) -> list[str]:
    texts = [str(each.get("text", "")) for row in source.decisions for each in row.evidence]
    return [text for text in dict.fromkeys(texts) if text]


def _more(count: int) -> str:
    return f"<p>{count - _MOST:,} more are in the CSV.</p>" if count > _MOST else ""


def _section(name: str, *parts: str) -> str:
    return f"<section><h2>{safe(name)}</h2>{''.join(parts)}</section>"
