"""A drawing written as PNG, with the font that Pillow brings: a bare server has none."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from floodwall.lab.canvas import Anchor, Drawing, Label, Rectangle

_SCALE = 2  # pixels of the file for one of the drawing
_ANCHORS = {Anchor.START: "ls", Anchor.MIDDLE: "ms", Anchor.END: "rs"}  # Pillow: on the base line
_BOLD_WIDTH = 1  # the font has one weight; a thin outline makes the other


def to_png(drawing: Drawing) -> bytes:
    """Return the drawing as a file."""
    size = (drawing.width * _SCALE, drawing.height * _SCALE)
    image = Image.new("RGB", size, "#ffffff")
    pen = ImageDraw.Draw(image)
    for item in drawing.items:
        if isinstance(item, Rectangle):
            _draw_rectangle(pen, item)
        else:
            _draw_label(pen, item)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw_rectangle(pen: ImageDraw.ImageDraw, box: Rectangle) -> None:
    if box.width <= 0 or box.height <= 0:
        return
    left, top = box.x * _SCALE, box.y * _SCALE
    right, bottom = left + box.width * _SCALE - 1, top + box.height * _SCALE - 1
    pen.rectangle((left, top, max(right, left), max(bottom, top)), fill=box.fill)


def _draw_label(pen: ImageDraw.ImageDraw, label: Label) -> None:
    pen.text(
        (label.x * _SCALE, label.y * _SCALE),
        label.text,
        fill=label.fill,
        font=ImageFont.load_default(label.size * _SCALE),
        anchor=_ANCHORS[label.anchor],
        stroke_width=_BOLD_WIDTH if label.bold else 0,
        stroke_fill=label.fill,
    )
