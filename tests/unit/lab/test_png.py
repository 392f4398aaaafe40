"""A drawing as PNG."""

from io import BytesIO

from PIL import Image

from floodwall.lab.canvas import Anchor, Drawing, Label, Rectangle
from floodwall.lab.png import to_png


def draw(*items: Rectangle | Label) -> Image.Image:
    """Return the picture of these items."""
    return Image.open(BytesIO(to_png(Drawing(40, 20, "", "", items)))).convert("RGB")


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """Return the box around everything that is not white."""
    box = image.point(lambda value: 255 - value).getbbox()
    assert box is not None
    return box


def test_a_box_is_where_it_should_be() -> None:
    """At two pixels for one."""
    image = draw(Rectangle(10, 5, 20, 10, "#0072b2"))

    assert (image.size, ink(image)) == ((80, 40), (20, 10, 60, 30))
    assert image.getpixel((40, 20)) == (0, 0x72, 0xB2)


def test_a_box_without_width_is_nothing() -> None:
    """Not a line."""
    assert draw(Rectangle(10, 5, 0, 10, "#000000")).point(lambda v: 255 - v).getbbox() is None


def test_words_end_where_they_are_told_to() -> None:
    """With the font that is always there."""
    left, _, right, bottom = ink(draw(Label(30, 12, "99", anchor=Anchor.END)))

    assert left < right <= 61
    assert bottom <= 25
