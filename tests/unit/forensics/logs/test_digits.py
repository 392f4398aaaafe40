"""Numbers at the end of lines."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from floodwall.forensics.evidence import address_of
from floodwall.forensics.logs.digits import ENDPOINT_BYTES, read_counts, read_endpoints
from floodwall.forensics.logs.messages import Drop, read_message

BEFORE = "TCP: drop open request from "


def rows(
    texts: list[str], before: str, width: int
) -> tuple[np.typing.NDArray[np.uint8], np.typing.NDArray[np.int64]]:
    """Return texts flush right, with what stands before them."""
    padded = b"".join((before + text).encode()[-width:].rjust(width) for text in texts)
    length = np.array([len(text) for text in texts], np.int64)
    return np.frombuffer(padded, np.uint8).reshape(-1, width), length


ADDRESS = st.tuples(*[st.integers(0, 300)] * 4, st.integers(0, 70_000)).map(
    lambda parts: ".".join(map(str, parts[:4])) + f"/{parts[4]}"
)


@given(st.lists(st.one_of(ADDRESS, st.text("0123456789./", max_size=24)), min_size=1, max_size=9))
@example(["1.2.3.4/5", "255.255.255.255/65535", "1.2.3.4/", "1.2.3/4.5", "1..3.4/5", "1.2.3.4.5"])
@example(["01.2.3.4/5", "1.2.3.00/5", "1.2.3.4/00005", "0.0.0.0/0", "256.1.1.1/1", "1.2.3.4/65536"])
def test_columns_agree_with_the_careful_reader(texts: list[str]) -> None:
    """All that it understands of IPv4, and nothing else."""
    address, port, index = read_endpoints(*rows(texts, BEFORE, ENDPOINT_BYTES))
    found = dict(
        zip(index.tolist(), zip(address.tolist(), port.tolist(), strict=True), strict=True)
    )
    for row, text in enumerate(texts):
        message = read_message(f"{BEFORE}{text}".encode())
        known = isinstance(message, Drop) and message.address is not None
        assert (row in found) == known
        if known and isinstance(message, Drop):
            assert address_of(0, 0xFFFF << 32 | found[row][0]) == message.address
            assert found[row][1] == message.port


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=9), st.booleans())
def test_counts_stand_before_their_tail(numbers: list[int], cut: int) -> None:
    """Longer numbers and other tails are not read here."""
    tail = " suppressed."
    texts = [f"{number}{tail[: -1 if cut else None]}" for number in numbers]
    value, sound = read_counts(*rows(texts, "NET: ", 9 + len(tail)), tail.encode())
    assert sound.tolist() == [not cut and number < 10**9 for number in numbers]
    assert [value[i] for i in np.flatnonzero(sound)] == [
        n for n in numbers if n < 10**9 and not cut
    ]
