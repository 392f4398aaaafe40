"""Fingerprints of options."""

from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.layout import layout_of, layout_text

LINUX = bytes.fromhex("020405b40402080a0000000000000000 01030307")


def test_the_order_of_options_is_kept() -> None:
    """As p0f writes it."""
    packed, mss = layout_of(LINUX)
    assert layout_text(packed) == "mss,sok,ts,nop,ws"
    assert mss == 1460


@given(st.binary(max_size=44))
def test_any_bytes_have_a_layout(options: bytes) -> None:
    """Lying lengths end it."""
    packed, mss = layout_of(options)
    assert 0 <= packed < 1 << 64
    assert 0 <= mss < 1 << 16
    assert isinstance(layout_text(packed), str)
