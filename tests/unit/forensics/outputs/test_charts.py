"""Charts as inline SVG."""

import re
from xml.etree import ElementTree as ET

import pytest

from floodwall.forensics.finding import Space
from floodwall.forensics.outputs.charts import (
    heat_map,
    over_time,
    safe,
    share_bar,
    source_ports,
)


def drawn(text: str) -> ET.Element:
    """Return a chart as a tree: it must be well-formed."""
    return ET.fromstring(text)  # noqa: S314 # made by ourselves


def heights(chart: ET.Element) -> list[float]:
    """Return the heights of all bars."""
    return [float(bar.attrib["height"]) for bar in chart.iter("rect") if "height" in bar.attrib]


def test_text_of_evidence_is_never_markup() -> None:
    """Nor a control character."""
    assert safe('<b a="1">\x1b[2J&') == "&lt;b a=&quot;1&quot;&gt;·[2J&amp;"


@pytest.mark.parametrize(
    "chart",
    [
        over_time("a", [(0.0, 1.0), (5.0, 9.0)]),
        source_ports("a", [0] * 63 + [7]),
        heat_map("a", Space("0.0.0.0/0", (1,) * 256)),
    ],
)
def test_a_chart_says_in_words_what_it_shows(chart: str) -> None:
    """Its title and description are named as such, and a reader sees the same sentence."""
    figure = drawn(chart)
    svg = figure.find("svg")
    assert svg is not None
    assert svg.attrib["role"] == "img"
    title, told = svg.attrib["aria-labelledby"].split()
    by_id = {item.attrib["id"]: item.text for item in svg.iter() if "id" in item.attrib}
    assert by_id[title] == figure.findtext("figcaption")
    assert by_id[told] == figure.findtext("p")


def test_rates_are_steps_up_to_a_round_number() -> None:
    """The highest value stays within the chart, the axis begins at 0."""
    chart = over_time("a", [(1_000.0, 10.0), (1_005.0, 87.0), (1_010.0, 0.0)])
    labels = [text.text for text in drawn(chart).iter("text")]
    assert labels[:6] == ["0", "25", "50", "75", "100", "00:16:40"]
    assert "1970-01-01 UTC" in labels
    (path,) = re.findall(r'class="area" d="([^"]*)"', chart)
    points = [tuple(map(float, point.split())) for point in re.findall(r"[ML]([\d. ]+)", path)]
    lowest, highest = max(y for _, y in points), min(y for _, y in points)
    assert lowest - highest == pytest.approx(0.87 * (lowest - 10), abs=0.1)
    assert "most at 1970-01-01T00:16:45+00:00: 87.0 a second, as a mean over 5 s" in chart


@pytest.mark.parametrize("value", [1e-9, 0.3, 1, 7, 99.99, 123_456, 1e15])
def test_any_rate_fits(value: float) -> None:
    """From almost nothing to what no wire carries."""
    chart = over_time("a", [(0.0, value), (1.0, 0.0)], relative=True)
    path = re.findall(r'class="area" d="([^"]*)"', chart)[0]
    numbers = [float(number) for number in re.findall(r"[\d.]+", path)]
    assert all(0 <= number <= 760 for number in numbers)


def test_ports_are_columns_by_their_number() -> None:
    """The tallest fills the axis, none is lost."""
    chart = drawn(source_ports("a", [0, 500, 1_000, *[0] * 61]))
    tall = heights(chart)
    assert len(tall) == 64
    assert (tall[0], tall[1] / tall[2]) == (0.0, 0.5)
    titles = [bar.findtext("title") for bar in chart.iter("rect")]
    assert titles[2] == "ports 2048 to 3071: 1,000"


def test_the_heat_map_darkens_by_the_logarithm() -> None:
    """Empty parts are level 0, the busiest is level 9, and one request can be seen."""
    counts = [0] * 256
    counts[0], counts[1], counts[255] = 1, 1_000, 1_000_000
    cells = list(drawn(heat_map("a", Space("10.0.0.0/8", tuple(counts)))).iter("rect"))
    levels = [cell.attrib["class"] for cell in cells[:256]]
    assert (levels[0], levels[1], levels[2], levels[255]) == (
        "heat h1",
        "heat h5",
        "heat h0",
        "heat h9",
    )
    assert cells[255].findtext("title") == "10.255.0.0/16: 1,000,000"


def test_parts_of_ipv6_are_named_by_their_byte() -> None:
    """A /40 has no short name."""
    counts = (0,) * 0xAB + (3,) + (0,) * (255 - 0xAB)
    chart = heat_map("a", Space("2001:db8::/32", counts))
    assert "byte 5 = ab of 2001:db8::/32: 3" in chart


def test_nothing_is_drawn_of_nothing() -> None:
    """No empty frame."""
    assert over_time("a", []) == ""
    assert source_ports("a", ()) == ""
    assert heat_map("a", Space("0.0.0.0/0", (0,) * 256)) == ""


def test_a_bar_beside_a_number_is_not_read_aloud() -> None:
    """The number says it already."""
    picture, number = share_bar(1, 4).rsplit(" ", 1)
    bar = drawn(picture)
    assert bar.attrib["aria-hidden"] == "true"
    assert [part.attrib["width"] for part in bar] == ["120", "30.0"]
    assert number == "25.0%"


@pytest.mark.parametrize(
    ("count", "total", "words"),
    [
        (0, 0, " 0%"),
        (1, 8312, " &lt; 0.1%"),
        (8311, 8312, " 99.9%"),
        (8312, 8312, " 100%"),
        (9, 8, " 100%"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(count: int, total: int, words: str) -> None:
    """A bound of a sketch may be more than what was counted."""
    assert share_bar(count, total).endswith(words)
