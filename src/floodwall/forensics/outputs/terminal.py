"""The account for a terminal: sentences, tables and sparklines."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from floodwall.forensics.account import Account
from floodwall.forensics.evidence import Input
from floodwall.forensics.finding import Finding, Fingerprint, Hint, Talker
from floodwall.forensics.outputs.sentences import TITLES, sentences
from floodwall.forensics.words import printable

_BARS = " ▁▂▃▄▅▆▇█"
_SPARKS = 60
_ROWS = 10


def show(account: Account, console: Console) -> None:
    """Print the account."""
    verdict = account.verdict
    if account.is_blind:
        console.print(Text("Nothing could be read.", style="bold red"))
    elif verdict is None:
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
    head = Text(TITLES[finding.kind], style=style)
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
    for name, value in sentences(finding):
        facts.add_row(name, Text(printable(value, 1_000)))
        if name == "per second" and finding.rate.series:
            facts.add_row("over time", spark([value for _, value in finding.rate.series]))
    return facts


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
