"""The picture of a run."""

from floodwall.core.verdict import Kind
from floodwall.lab.canvas import Drawing, Label, Rectangle
from floodwall.lab.picture import picture, served_whole
from floodwall.lab.result import Row
from tests.support import rehearsals

LOST = rehearsals.row(
    Row.OFF, service=rehearsals.service(succeeded=0, connect_p99_ms=4000.0, sack_kept=None)
)


def labels(drawing: Drawing) -> list[str]:
    """Return all words in it."""
    return [item.text for item in drawing.items if isinstance(item, Label)]


def bars(drawing: Drawing, fill: str) -> list[float]:
    """Return the lengths of the bars of a colour."""
    return [one.width for one in drawing.items if isinstance(one, Rectangle) and one.fill == fill]


def test_every_system_has_its_name_and_its_figures() -> None:
    """Nothing depends on colour."""
    found = labels(picture([rehearsals.result(LOST, rehearsals.row())]))

    assert {"kernel, cookies off", "Floodwall", "0%", "100%", "never", "1.00 M"} <= set(found)


def test_a_bar_is_as_long_as_its_value() -> None:
    """Nothing served, no bar; everything, a whole one."""
    drawing = picture([rehearsals.result(LOST, rehearsals.row())])
    grey, blue = bars(drawing, "#8c8c8c"), bars(drawing, "#0072b2")

    assert grey[0] == 0.0
    assert blue[0] == max(blue)
    assert grey[1] > blue[1]


def test_a_verdict_is_shown_only_where_one_was_given() -> None:
    """The kernel alone is a baseline."""
    ours = labels(picture([rehearsals.result(rehearsals.row())]))
    calm = rehearsals.defence(verdicts=rehearsals.verdicts(shown=Kind.CALM))

    assert "verdict: spoofed flood after 1.20 s   bar met" in ours
    assert "verdict: calm   bar met" in labels(
        picture([rehearsals.result(rehearsals.row(defence=calm))])
    )
    assert not [one for one in labels(picture([rehearsals.result(LOST)])) if "bar" in one]


def test_the_rates_offered_to_the_rows_are_told_with_their_span() -> None:
    """One row's may differ from another's; a crowd offers none."""
    slow = rehearsals.row(attack=rehearsals.attack(offered_pps=2e6))

    assert "spoofed, 2.00 M to 5.00 M packets/s offered" in labels(
        picture([rehearsals.result(slow, rehearsals.row())])
    )
    assert "spoofed, 2.00 M packets/s offered" in labels(picture([rehearsals.result(slow)]))
    assert "spoofed" in labels(picture([rehearsals.result(rehearsals.row(attack=None))]))
    crowd = rehearsals.row(attack=rehearsals.attack(engine="connect", offered_pps=1e3))
    assert "x, 1.00 k connections/s offered" in labels(
        picture([rehearsals.result(crowd, scenario="x")])
    )


def test_it_grows_with_the_scenarios() -> None:
    """Everything is inside."""
    one = rehearsals.result(LOST, rehearsals.row())
    drawing = picture([one, one, one])

    assert drawing.height > picture([one]).height
    assert all(item.y < drawing.height for item in drawing.items)
    assert all(
        one.x + one.width <= drawing.width for one in drawing.items if isinstance(one, Rectangle)
    )


def test_whoever_lost_an_option_was_not_served_whole() -> None:
    """Nor was who was not served at all."""
    half = rehearsals.row(service=rehearsals.service(sack_kept=0.5, succeeded=500))
    nobody = rehearsals.service(sack_kept=None, window_scale_kept=None, succeeded=0)

    assert served_whole(half) == 0.25
    assert served_whole(rehearsals.row(service=nobody)) == 0.0
