"""TCP options of many headers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.captures.frames import padded
from floodwall.forensics.captures.options import read_options
from floodwall.forensics.layout import layout_of

KNOWN = ("020405b4", "0402", "01", "00", "080a0000000000000000", "030307", "0204", "02ff", "fe00")


@given(st.lists(st.lists(st.one_of(st.sampled_from(KNOWN).map(bytes.fromhex),
                                   st.binary(max_size=6)), max_size=8), max_size=8))  # fmt: skip
def test_many_are_read_like_one(headers: list[list[bytes]]) -> None:
    """The columns agree with the reading of a single header, whatever the bytes."""
    options = [b"".join(parts)[:40] for parts in headers]
    ends = np.cumsum([len(one) for one in options], dtype=np.int64)
    starts = ends - np.array([len(one) for one in options], np.int64)
    layout, mss = read_options(padded(b"".join(options)), starts, ends)
    assert list(zip(layout.tolist(), mss.tolist(), strict=True)) == [
        layout_of(one) for one in options
    ]
