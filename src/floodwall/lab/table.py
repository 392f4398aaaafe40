"""The results as one table for people, and the verdicts under it."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from floodwall.core.verdict import Kind
from floodwall.lab.pauses import Pauses
from floodwall.lab.result import Behind, Defence, RowResult, ScenarioResult
from floodwall.lab.words import milliseconds, percent, rate, seconds, verdict, wait

_COLUMNS = (
    "system under attack",
    "clients\nserved",
    "connect, ms\np50 / p99",
    "kept: window\nscale / SACK",
    "flood\noffered/s",
    "\nanswered/s",
    "CPU s\n/M SYN",
    "first\nchallenge",
    "calm\nafter",
    "\nverdict",
    "verdict\nafter",
)
_BEHIND = "behind: half-\nopen / forged"
_BASELINE = ("baseline", "dim")
_VERDICTS = {True: ("met", "green"), False: ("MISSED", "bold red")}
WIDTH = 162  # of the whole table: narrower columns would cut figures
_WIDTH_BEHIND = 18  # of one column more


def table(results: Sequence[ScenarioResult]) -> Table:
    """Return one table with all rows of all scenarios."""
    made = Table(title="The same flood against the same nginx", box=SIMPLE_HEAD, expand=False)
    gateway = any(row.behind for result in results for row in result.rows)
    for number, name in enumerate((*_COLUMNS, _BEHIND) if gateway else _COLUMNS):
        made.add_column(name, justify="right" if number else "left", no_wrap=True)
    for result in results:
        made.add_row(Text(f"{result.scenario}, {result.seconds:.0f} s", style="bold"))
        for row in result.rows:
            style = "" if row.row.is_floodwall else "dim"
            made.add_row(*cells(row), *_behind(row.behind), style=style)
        made.add_section()
    return made


def cells(row: RowResult) -> tuple[str, ...]:
    """Return what a row says, column by column."""
    service, attack, defence = row.service, row.attack, row.defence
    return (
        f"  {row.row.label}",
        percent(service.success),
        f"{wait(service.connect_p50_ms)} / {wait(service.connect_p99_ms)}",
        f"{percent(service.window_scale_kept)} / {percent(service.sack_kept)}",
        rate(attack.offered_pps if attack else None),
        rate(attack.answered_pps if attack else None),
        seconds(attack.cpu_s_per_million if attack else None),
        milliseconds(defence.first_challenge_after_ms, " ms") if defence else "n/a",
        seconds(defence.calm_after_s, " s") if defence and attack else "n/a",
        *_verdict(defence),
    )


def _behind(seen: Behind | None) -> tuple[str, ...]:
    return () if seen is None else (f"{seen.half_open_max:,} / {seen.forged:,}",)


def _verdict(defence: Defence | None) -> tuple[str, str]:
    """Return what the defence called it and how soon; calm is no verdict to wait for."""
    if defence is None:
        return ("n/a", "n/a")
    said = defence.verdicts
    waited = None if said.shown is Kind.CALM else said.after_s
    return (verdict(said.shown), seconds(waited, " s"))


def verdicts(results: Sequence[ScenarioResult]) -> RenderableType:
    """Return one line for each scenario, and one for each part of a bar that is not met."""
    lines: list[Text] = []
    for result in results:
        verdict, style = _VERDICTS[result.met] if result.judged or not result.met else _BASELINE
        lines.append(Text.assemble((f"{verdict:9}", style), result.scenario))
        lines += [
            Text(f"        {check.name}: {check.found}, wanted {check.wanted}", style="red")
            for check in result.checks
            if not check.met
        ]
        lines += [
            Text(f"        {row.row.label}: {_pauses(row.pauses)}", style="dim")
            for row in result.rows
            if row.pauses.count
        ]
        if result.note:
            lines.append(Text(f"        note: {result.note}", style="dim"))
    return Group(*lines)


def _pauses(seen: Pauses) -> str:
    times = "once" if seen.count == 1 else f"{seen.count} times"
    return (
        f"this machine stood still {times}, for {seen.total_ms:.1f} ms in all, "
        f"{seen.worst_ms:.1f} ms at worst"
    )


def show(results: Sequence[ScenarioResult], console: Console) -> None:
    """Print the table and the verdicts; a console that is too narrow is taken for wider."""
    gateway = any(row.behind for result in results for row in result.rows)
    console.width = max(console.width, WIDTH + gateway * _WIDTH_BEHIND)
    console.print(table(results))
    console.print(verdicts(results))
