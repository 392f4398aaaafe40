"""Lines on a terminal, of which only what changed is sent."""

from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from floodwall.console.top.board import changed, strip_of

RED = Style.parse("red")


def test_a_line_becomes_runs_of_one_style() -> None:
    """Filled up to the width."""
    strip = strip_of(Text.assemble("SYN/s ", ("48,254", "red"), " now"), 20)

    assert strip.text == "SYN/s 48,254 now    "
    assert strip.cell_length == 20
    assert [(s.text, s.style) for s in strip][1] == ("48,254", RED)


def test_styles_are_laid_over_each_other() -> None:
    """The line's own, and that of a part."""
    line = Text("all red", "bold")
    line.stylize("red", 4)

    assert [(s.text, str(s.style)) for s in strip_of(line, 7)] == [
        ("all ", "bold"),
        ("red", "bold red"),
    ]


def test_an_empty_line_is_blank() -> None:
    """Not nothing: what stood there must go."""
    assert strip_of(Text(), 4).text == "    "


def test_only_the_columns_that_differ_are_dirty() -> None:
    """From the first to the last, in letters or in colour."""

    def dirty(old: Strip, new: Strip) -> list[tuple[int, int]]:
        return list(changed(old, new))

    old = strip_of(Text("a48,254b"), 8)
    assert dirty(old, strip_of(Text("a48,999b"), 8)) == [(4, 7)]
    assert dirty(old, strip_of(Text("a48,254b"), 8)) == []
    assert dirty(old, strip_of(Text.assemble("a", ("48", "red"), ",254b"), 8)) == [(1, 3)]
    assert dirty(old, strip_of(Text("a"), 4)) == [(1, 8)]
