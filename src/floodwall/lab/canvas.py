"""A drawing as values: rectangles and labels.  Each way to write it down is a module of its own."""

from dataclasses import dataclass
from enum import StrEnum


class Anchor(StrEnum):
    """Which end of a label its position is."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled box; sizes in pixels, y grows downwards."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text; y is its base line."""

    x: float
    y: float
    text: str
    size: int = 13
    fill: str = "#222222"
    anchor: Anchor = Anchor.START
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture; `title` and `description` are for those who cannot see it."""

    width: int
    height: int
    title: str
    description: str
    items: tuple[Rectangle | Label, ...]
