"""A drawing written as SVG."""

from xml.sax.saxutils import escape

from floodwall.lab.canvas import Drawing, Label, Rectangle

_FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def to_svg(drawing: Drawing) -> str:
    """Return the drawing as a document."""
    size = f'width="{drawing.width}" height="{drawing.height}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"'
        f' viewBox="0 0 {drawing.width} {drawing.height}" font-family="{_FONT}">\n'
        f"<title>{escape(drawing.title)}</title>\n<desc>{escape(drawing.description)}</desc>\n"
        f'<rect {size} fill="#ffffff"/>\n'
    )
    return head + "".join(f"{_element(item)}\n" for item in drawing.items) + "</svg>\n"


def _element(item: Rectangle | Label) -> str:
    if isinstance(item, Rectangle):
        return (
            f'<rect x="{item.x:g}" y="{item.y:g}" width="{item.width:.2f}"'
            f' height="{item.height:g}" fill="{item.fill}"/>'
        )
    weight = ' font-weight="bold"' if item.bold else ""
    return (
        f'<text x="{item.x:g}" y="{item.y:g}" font-size="{item.size}" fill="{item.fill}"'
        f' text-anchor="{item.anchor}"{weight}>{escape(item.text)}</text>'
    )
