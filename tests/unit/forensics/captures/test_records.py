"""The chain of records."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.captures.records import follow


def chain(sizes: list[int], *, cut: int = 0) -> tuple[bytes, list[int]]:
    """Make records that begin with eight bytes and their size, and where they begin."""
    content, begins = b"", []
    for size in sizes:
        begins.append(len(content))
        content += bytes(8) + struct.pack("<I", size) + b"\xff" * size
    return content[: len(content) - cut], begins


@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from([1, 2, 30, 300])), max_size=8),
    st.integers(0, 40),
)
def test_runs_change_nothing(runs: list[tuple[int, int]], cut: int) -> None:
    """The same records are found one by one; one that is cut short is not."""
    content, begins = chain([size for size, count in runs for _ in range(count)], cut=cut)

    def measure(position: int) -> tuple[int, int]:
        if position + 12 > len(content):
            return 0, 0
        size = struct.unpack_from("<I", content, position + 8)[0]
        return size, 12 + size

    found = follow(content, 0, measure, 8)
    whole = [at for at, end in zip(begins, [*begins[1:], len(content) + cut], strict=False)
             if end <= len(content)]  # fmt: skip
    assert found.positions.tolist() == whole
