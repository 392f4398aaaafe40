"""A drawing as values."""

from floodwall.lab.canvas import Anchor, Label


def test_a_label_is_plain_unless_told_otherwise() -> None:
    """It begins at its position."""
    label = Label(1, 2, "x")

    assert (label.anchor, label.bold) == (Anchor.START, False)
