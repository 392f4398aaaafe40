"""Text made harmless."""

from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.words import printable


@given(st.binary(max_size=400))
def test_nothing_controls_a_terminal(raw: bytes) -> None:
    """Whatever the bytes."""
    shown = printable(raw)
    assert shown.isprintable()
    assert len(shown) <= 160


def test_words_stay_readable() -> None:
    """Escape sequences and direction marks become dots."""
    assert printable(b"a\x1b[31mb\x00") == "a·[31mb·"
    assert printable("a\u202eb, Grüße") == "a·b, Grüße"
    assert printable("x" * 500, 5) == "xxxx…"
