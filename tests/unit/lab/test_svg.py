"""A drawing as SVG."""

import xml.etree.ElementTree as ET

from floodwall.lab.canvas import Anchor, Drawing, Label, Rectangle
from floodwall.lab.svg import to_svg

SPACE = "{http://www.w3.org/2000/svg}"
DRAWING = Drawing(
    100, 50, "title <1>", "what & why",
    (Rectangle(1, 2, 3.5, 4, "#0072b2"), Label(9, 8, "a < b", anchor=Anchor.END, bold=True)),
)  # fmt: skip


def test_it_is_a_document_with_all_items() -> None:
    """Whatever characters they have."""
    root = ET.fromstring(to_svg(DRAWING))  # noqa: S314 # made two lines above
    boxes = root.findall(f"{SPACE}rect")
    (text,) = root.findall(f"{SPACE}text")

    assert (root.get("width"), root.get("height")) == ("100", "50")
    assert (boxes[1].get("width"), boxes[1].get("fill")) == ("3.50", "#0072b2")
    assert (text.text, text.get("text-anchor"), text.get("font-weight")) == ("a < b", "end", "bold")


def test_it_can_be_read_aloud() -> None:
    """Title and description are there for those who cannot see it."""
    root = ET.fromstring(to_svg(DRAWING))  # noqa: S314 # made by the line before

    assert [root.findtext(f"{SPACE}{tag}") for tag in ("title", "desc")] == [
        "title <1>",
        "what & why",
    ]
