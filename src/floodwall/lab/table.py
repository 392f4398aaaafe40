"""The results as one table for people, and the verdicts under it."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from floodwall.lab.result import RowResult, ScenarioResult
from floodwall.lab.words import milliseconds, percent, rate, seconds

_COLUMNS = (
    "system under attack",
    "served",
    "connect p50",
    "p99 ms",
    "window scale",
    "SACK",
    "offered/s",
    "answered/s",
    "CPU s/M SYN",
    "first challenge",
    "calm after",
)


def table(results: Sequence[ScenarioResult]) -> Table:
    """Return one table with all rows of all scenarios."""
    made = Table(title="Floodwall lab: the same flood against the same nginx", expand=False)
    for number, name in enumerate(_COLUMNS):
        made.add_column(name, justify="right" if number else "left")
    for result in results:
        made.add_section()
        made.add_row(Text(f"{result.scenario}, {result.seconds:.0f} s", style="bold"))
        for row in result.rows:
            made.add_row(*cells(row), style="" if row.row.is_floodwall else "dim")
    return made


def cells(row: RowResult) -> tuple[str, ...]:
    """Return what a row says, column by column."""
    service, attack, defence = row.service, row.attack, row.defence
    return (
        f"  {row.row.label}",
        f"{percent(service.success)} of {service.attempted}",
        milliseconds(service.connect_p50_ms),
        milliseconds(service.connect_p99_ms),
        percent(service.window_scale_kept),
        percent(service.sack_kept),
        rate(attack.offered_pps if attack else None),
        rate(attack.answered_pps if attack else None),
        seconds(attack.cpu_s_per_million if attack else None),
        milliseconds(defence.first_challenge_after_ms, " ms") if defence else "n/a",
        seconds(defence.calm_after_s, " s") if defence and attack else "n/a",
    )


def verdicts(results: Sequence[ScenarioResult]) -> RenderableType:
    """Return one line for each scenario, and one for each part of a bar that is not met."""
    lines: list[Text] = []
    for result in results:
        good = result.met
        line = Text(f"{'met ' if good else 'MISSED'}  {result.scenario}")
        line.stylize("green" if good else "bold red", 0, 6)
        lines.append(line)
        lines += [
            Text(f"        {check.name}: {check.found}, wanted {check.wanted}", style="red")
            for check in result.checks
            if not check.met
        ]
        if result.note:
            lines.append(Text(f"        note: {result.note}", style="dim"))
    return Group(*lines)


def show(results: Sequence[ScenarioResult], console: Console) -> None:
    """Print the table and the verdicts."""
    console.print(table(results))
    console.print(verdicts(results))
