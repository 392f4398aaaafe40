"""Text made harmless."""

import unicodedata

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


@given(st.text(max_size=30), st.integers(1, 20))
def test_what_is_harmless_is_left_as_it_is(text: str, longest: int) -> None:
    """Plain text takes a short way, and the result is that of the long one."""
    kept = "".join(letter if unicodedata.category(letter)[0] != "C" else "·" for letter in text)
    kept = kept.replace("\u2028", "·").replace("\u2029", "·")

    assert printable(text, longest) == (kept if len(text) <= longest else kept[: longest - 1] + "…")
