"""The account for a terminal: sentences, tables and sparklines."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from floodwall.forensics.account import Account
from floodwall.forensics.evidence import Input
from floodwall.forensics.finding import Finding, Fingerprint, Handshakes, Hint, Talker
from floodwall.forensics.moments import duration, iso
from floodwall.forensics.words import printable

_BARS = " ▁▂▃▄▅▆▇█"
_SPARKS = 60
_ROWS = 10
_TITLES = {
    "syn_flood": "SYN flood",
    "ack_flood": "ACK flood",
    "connection_flood": "connection flood",
    "synack_reflection": "SYN-ACK reflection",
    "syn_scan": "scan",
    "backscatter": "backscatter of a flood elsewhere",
    "slow_application": "slow application",
    "flash_crowd": "flash crowd",
}


def show(account: Account, console: Console) -> None:
    """Print the account."""
    verdict = account.verdict
    if verdict is None:
        console.print(Text("No attack found.", style="bold green"))
    for finding in account.findings:
        console.print(_finding(finding))
    if account.hints:
        console.print(Text("Also seen", style="bold"))
        console.print(Padding(Group(*(_hint(hint) for hint in account.hints)), (0, 0, 1, 2)))
    console.print(_inputs(account.inputs))


def spark(values: Sequence[float], width: int = _SPARKS) -> str:
    """Return a line of bars, the highest value being a full block."""
    if not values:
        return ""
    step = max(1.0, len(values) / width)
    picked = [
        max(values[int(index * step) : max(int(index * step) + 1, int((index + 1) * step))])
        for index in range(min(width, len(values)))
    ]
    highest = max(picked) or 1.0
    return "".join(_BARS[-(-int(value * 8000 / highest) // 1000)] for value in picked)


def _finding(finding: Finding) -> RenderableType:
    style = "bold red" if finding.kind.is_attack else "bold yellow"
    head = Text(f"{_TITLES[finding.kind.value]}", style=style)
    head.append(f"  confidence {finding.confidence:.0%}", style="dim")
    parts: list[RenderableType] = [head, Padding(_facts(finding), (0, 0, 0, 2))]
    if finding.sources.top:
        parts.append(_talkers("source", finding.sources.top, exact=finding.sources.exact))
    if finding.sources.endpoints and len(finding.sources.endpoints) > 1:
        parts.append(_talkers("source and port", finding.sources.endpoints[:3], exact=True))
    if finding.sources.prefixes and len(finding.sources.prefixes) > 1:
        parts.append(_talkers("prefix", finding.sources.prefixes[:5], exact=True))
    if finding.fingerprints:
        parts.append(_shapes(finding.fingerprints[:5]))
    return Padding(Group(*parts), (0, 0, 1, 0))


def _facts(finding: Finding) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _rows(finding):
        if value:
            facts.add_row(name, Text(printable(value, 1_000)))
    return facts


def _rows(finding: Finding) -> list[tuple[str, str]]:
    requests, rate, spoofing = finding.requests, finding.rate, finding.spoofing
    start, end = finding.start, finding.end
    lasted = f"  ({duration(end - start)})" if start is not None and end is not None else ""
    victims = ", ".join(
        f"{v.address or 'unnamed'} port {v.port or 'any'}" for v in finding.victims[:8]
    )
    more = len(finding.victims) - 8
    total = f"{requests.total:,}"
    if requests.suppressed:
        total += f" = {requests.observed:,} observed + {requests.suppressed:,} suppressed"
    rows = [
        ("from", iso(start, relative=finding.relative) or "unknown"),
        ("to", (iso(end, relative=finding.relative) or "unknown") + lasted),
        ("against", victims + (f" and {more} more" if more > 0 else "")),
        ("requests", total),
        ("", requests.reason),
        ("per second", _rates(finding)),
        ("over time", spark([value for _, value in rate.series])),
        ("sources", _distinct(finding)),
        ("forged", _forged(finding)),
    ]
    rows += [("", text) for text in spoofing.indirect]
    if shakes := finding.handshakes:
        rows.append(
            (
                "handshakes",
                _handshakes(shakes),
            )
        )
    rows += [("because", item.text) for item in finding.evidence]
    return rows + [("note", note) for note in finding.notes]


def _handshakes(shakes: Handshakes) -> str:
    return (
        f"{shakes.started:,} started, {shakes.answered:,} answered, "
        f"{shakes.completed:,} completed; {shakes.repeated:,} repeats while half-open, "
        f"longest half-open {duration(shakes.longest_s)}"
    )


def _rates(finding: Finding) -> str:
    rate = finding.rate
    if rate.mean is None:
        return f"unknown: {rate.reason}"
    known = [("mean", rate.mean), ("peak", rate.peak), ("lowest", rate.lowest)]
    return ", ".join(f"{name} {value:,.1f}" for name, value in known if value is not None)


def _distinct(finding: Finding) -> str:
    sources = finding.sources
    if sources.exact:
        return f"{sources.distinct:,} different addresses"
    return (
        f"about {sources.distinct:,} different addresses "
        f"(95 %: {sources.low:,} to {sources.high:,})"
    )


def _forged(finding: Finding) -> str:
    index = finding.spoofing.index
    if index is None:
        return f"unknown: {finding.spoofing.basis}"
    return (
        f"{index.value:.1%} never completed (95 %: {index.low:.1%} to {index.high:.1%}); "
        f"{finding.spoofing.basis}"
    )


def _talkers(title: str, talkers: Sequence[Talker], *, exact: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(title)
    table.add_column("requests" if exact else "requests at least", justify="right")
    naive = any(talker.naive is not None for talker in talkers)
    placed = any(talker.country or talker.network for talker in talkers)
    if naive:
        table.add_column("naive reading", justify="right", style="dim")
    if placed:
        table.add_column("country and network")
    for talker in talkers[:_ROWS]:
        cells = [Text(talker.name), Text(f"{talker.requests:,}")]
        if naive:
            cells.append(Text(f"{talker.naive or 0:,}"))
        if placed:
            cells.append(Text(printable(f"{talker.country} {talker.network}".strip())))
        table.add_row(*cells)
    return table


def _shapes(shapes: Sequence[Fingerprint]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("form of SYN: options", "window", "MSS", "TTL sent", "flags", "requests"):
        table.add_column(name, justify="left" if name[0] in "ff" else "right")
    for shape in shapes:
        table.add_row(
            shape.options or "none",
            str(shape.window),
            str(shape.mss or "-"),
            str(shape.ttl or "-"),
            shape.flags,
            f"{shape.requests:,}",
        )
    return table


def _hint(hint: Hint) -> Text:
    text = Text(f"{hint.count:,} x {hint.name.replace('_', ' ')}", style="yellow")
    text.append(f": {hint.text}", style="default")
    for detail in hint.details:
        text.append(f"\n  {printable(detail)}", style="dim")
    return text


def _inputs(inputs: Sequence[Input]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("input", "is", "records", "remarks"):
        table.add_column(name, justify="right" if name == "records" else "left", overflow="fold")
    for item in inputs:
        remarks = [*item.errors, *item.notes, *item.clock.ambiguous]
        if item.clock.year is not None:
            remarks.append(item.clock.how)
        table.add_row(
            Text(printable(item.path)),
            item.format.value,
            f"{item.records:,}",
            Text(printable("; ".join(remarks), 1_000)),
        )
    return table
