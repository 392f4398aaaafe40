"""The results as one picture: for each scenario, one bar a system in each of five panels.

Colours are Okabe and Ito's (2008), told apart by everyone; each bar carries its figure and each
row its name, so that nothing depends on colour.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from floodwall.core.verdict import Kind
from floodwall.lab.canvas import Anchor, Drawing, Label, Rectangle
from floodwall.lab.result import Row, RowResult, ScenarioResult
from floodwall.lab.words import percent, rate, seconds, verdict, wait

_COLOURS = {
    Row.OFF: "#8c8c8c",
    Row.ON: "#e69f00",
    Row.FLOODWALL: "#0072b2",
    Row.GENERIC: "#56b4e9",
    Row.SYNPROXY: "#cc79a7",
}
_TRACK = "#eef0f2"
_SOFT = "#5b6470"
_MARGIN = 24
_NAMES = 156  # width of the column of names
_PANEL = 158
_GAP = 14
_FIGURE = 52  # room for a figure behind a bar
_BAR = 16
_STEP = 24  # from one bar to the next
_HEAD = 92
_BLOCK_HEAD = 34
_FOOT = 46


@dataclass(frozen=True, slots=True)
class Panel:
    """One column of bars: what it shows, its figure in words, and the value its length comes from.

    `whole` is the value of a full bar; None is the largest in the scenario.
    """

    title: str
    value: Callable[[RowResult], float | None]
    words: Callable[[float | None], str]
    whole: float | None = None
    logarithmic: bool = False


def served_whole(row: RowResult) -> float:
    """Return the share of clients that were served with window scale and SACK."""
    kept = (row.service.window_scale_kept, row.service.sack_kept)
    return row.service.success * min((one for one in kept if one is not None), default=0.0)


_PANELS = (
    Panel("real clients served", lambda row: row.service.success, percent, 1.0),
    Panel(
        "p99 to connect, ms",
        lambda row: row.service.connect_p99_ms,
        wait,
        3000.0,
        logarithmic=True,
    ),
    Panel("with all TCP options", served_whole, percent, 1.0),
    Panel(
        "flood answered/s",
        lambda row: row.attack.answered_pps if row.attack else None,
        rate,
    ),
    Panel(
        "CPU s/million SYNs",
        lambda row: row.attack.cpu_s_per_million if row.attack else None,
        seconds,
    ),
)


def picture(results: Sequence[ScenarioResult]) -> Drawing:
    """Draw the results."""
    items: list[Rectangle | Label] = list(_head(results))
    top = _HEAD
    for result in results:
        items += _block(result, top)
        top += _BLOCK_HEAD + _STEP * len(result.rows) + 14
    width = 2 * _MARGIN + _NAMES + len(_PANELS) * (_PANEL + _GAP) - _GAP
    items += _foot(top + 18)
    return Drawing(width, top + _FOOT, "Floodwall lab", _describe(results), tuple(items))


def _head(results: Sequence[ScenarioResult]) -> list[Label]:
    names = ", ".join(result.scenario for result in results)
    shown = names if len(names) < 100 else f"{len(results)} scenarios"
    title = "The same flood against the same nginx"
    labels = [
        Label(_MARGIN, 34, title, 20, bold=True),
        Label(_MARGIN, 54, f"floodwall lab run: {shown}", 13, _SOFT),
    ]
    return labels + [
        Label(_left(number), 80, panel.title, 12, bold=True) for number, panel in enumerate(_PANELS)
    ]


def _block(result: ScenarioResult, top: float) -> list[Rectangle | Label]:
    """Draw one scenario: its name and verdict, and a row of bars for each system."""
    attacks = [row.attack for row in result.rows if row.attack]
    offered = sorted(attack.offered_pps for attack in attacks)
    what = "connections" if attacks and attacks[0].engine == "connect" else "packets"
    span = dict.fromkeys((rate(offered[0]), rate(offered[-1]))) if offered else ()
    flood = f", {' to '.join(span)} {what}/s offered" if span else ""
    outcome = ("bar met" if result.met else "bar missed") if result.judged else ""
    right = _left(len(_PANELS)) - _GAP
    items: list[Rectangle | Label] = [
        Rectangle(_MARGIN, top, right - _MARGIN, 1, "#c9ced4"),
        Label(_MARGIN, top + 20, f"{result.scenario}{flood}", 13, bold=True),
    ]
    if outcome:
        said = "".join(f"{one}   " for one in _said(result))
        items.append(Label(right, top + 20, f"{said}{outcome}", 12, _SOFT, Anchor.END))
    for number, row in enumerate(result.rows):
        y = top + _BLOCK_HEAD + number * _STEP
        ours = row.row.is_floodwall
        items.append(Label(_MARGIN, y + 12, row.row.label, 13, bold=ours))
        for column, panel in enumerate(_PANELS):
            items += _bar(panel, result.rows, row, _left(column), y)
    return items


def _said(result: ScenarioResult) -> Iterator[str]:
    """Yield what each of Floodwall's rows called it, and how soon."""
    for row in result.rows:
        if row.defence is None:
            continue
        found = row.defence.verdicts
        waited = None if found.shown is Kind.CALM else found.after_s
        after = "" if waited is None else f" after {seconds(waited)} s"
        yield f"verdict: {verdict(found.shown)}{after}"


def _bar(
    panel: Panel, rows: Sequence[RowResult], row: RowResult, x: float, y: float
) -> list[Rectangle | Label]:
    value = panel.value(row)
    room = _PANEL - _FIGURE
    length = room * _share(panel, value, [panel.value(other) for other in rows])
    return [
        Rectangle(x, y, room, _BAR, _TRACK),
        Rectangle(x, y, length, _BAR, _COLOURS[row.row]),
        Label(x + room + 6, y + 12, panel.words(value), 12),
    ]


def _share(panel: Panel, value: float | None, others: Sequence[float | None]) -> float:
    """Return how much of its room a bar fills."""
    if not value:
        return 0.0
    whole = panel.whole or max(other for other in others if other)
    if panel.logarithmic:  # from a tenth of a millisecond on
        return min(max(math.log10(value * 10) / math.log10(whole * 10), 0.02), 1.0)
    return min(value / whole, 1.0)


def _foot(y: float) -> list[Label]:
    text = (
        "TCP options: window scale and SACK; half of the clients send no timestamps.  Waits are"
        " shown on a logarithmic scale."
        "  One virtual line (veth), one CPU for the server: ratios count, not rates."
    )
    return [Label(_MARGIN, y, text, 11, _SOFT)]


def _left(column: int) -> float:
    return _MARGIN + _NAMES + column * (_PANEL + _GAP)


def _describe(results: Sequence[ScenarioResult]) -> str:
    return "; ".join(
        f"{result.scenario}, {row.row.label}: {percent(row.service.success)} served"
        for result in results
        for row in result.rows
    )
