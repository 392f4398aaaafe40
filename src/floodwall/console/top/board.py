"""Lines of text on a terminal, of which only what changed is sent.

Law: what did not change costs no byte: a line to the other end of the world may carry a few hundred
a second.

Textual sends a widget's line again from its first column to the last one that changed.  So the
board is cut into slats: widgets of a few columns each, over its whole height.
"""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

SLAT: Final = 4
"""Columns of a slat: the least that is sent of a line that changed."""

WIDEST: Final = 256
"""Columns that are used; a wider terminal stays empty on the right."""

_PLAIN: Final = Style()


class Slat(Widget):
    """A few columns of the board."""

    DEFAULT_CSS = f"Slat {{ width: {SLAT}; height: 1fr; background: ansi_default; }}"

    def __init__(self) -> None:
        super().__init__()
        self._strips: Sequence[Strip] = ()

    def show(self, strips: Sequence[Strip]) -> None:
        """Show its part of the lines."""
        before, self._strips = self._strips, strips
        if len(before) != len(strips):
            self.refresh()
            return
        regions = [
            Region(begin, y, end - begin, 1)
            for y, (old, new) in enumerate(zip(before, strips, strict=True))
            for begin, end in changed(old, new)
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Return its part of a line as the terminal gets it."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(SLAT, _PLAIN)


class Board(Horizontal):
    """Shows lines; what they say is not its business."""

    DEFAULT_CSS = "Board { height: 1fr; width: 1fr; overflow: hidden; background: ansi_default; }"

    def __init__(self) -> None:
        super().__init__()
        self._slats = [Slat() for _ in range(WIDEST // SLAT)]

    def compose(self) -> ComposeResult:
        """Put up the slats."""
        yield from self._slats

    def show(self, lines: Sequence[Text]) -> None:
        """Show lines instead of those that are there."""
        strips = [strip_of(line, WIDEST) for line in lines]
        seen = -(-min(self.size.width, WIDEST) // SLAT)
        for place, slat in enumerate(self._slats[:seen]):
            begin = place * SLAT
            slat.show([strip.crop(begin, begin + SLAT) for strip in strips])


def strip_of(line: Text, width: int) -> Strip:
    """Return a line as segments of one style each, filled up to a width."""
    segments = [Segment(line.plain[begin:end], style) for begin, end, style in _runs(line)]
    return Strip(segments).adjust_cell_length(width, _PLAIN)


def changed(old: Strip, new: Strip) -> Iterator[tuple[int, int]]:
    """Yield the columns, from and to, in which two parts of a line differ; one pair at most."""
    if old == new:
        return
    before, after = list(_cells(old)), list(_cells(new))
    differing = [
        x for x in range(max(len(before), len(after))) if before[x : x + 1] != after[x : x + 1]
    ]
    if differing:
        yield differing[0], differing[-1] + 1


def _runs(line: Text) -> Iterator[tuple[int, int, Style]]:
    """Yield the parts of a line that have one style each."""
    styles = list(repeat(_style(line.style), len(line)))
    for span in line.spans:
        for x in range(span.start, min(span.end, len(line))):
            styles[x] += _style(span.style)
    begin = 0
    for x in range(1, len(line) + 1):
        if x == len(line) or styles[x] != styles[begin]:
            yield begin, x, styles[begin]
            begin = x


def _style(style: str | Style) -> Style:
    return Style.parse(style) if isinstance(style, str) else style


def _cells(strip: Strip) -> Iterator[tuple[str, Style | None]]:
    for segment in strip:
        for letter in segment.text:
            yield letter, segment.style
