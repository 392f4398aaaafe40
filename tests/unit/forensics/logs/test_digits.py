"""Numbers in columns of text."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from floodwall.forensics.evidence import address_of
from floodwall.forensics.logs.digits import read_counts, read_endpoints
from floodwall.forensics.logs.messages import Drop, read_message

WIDTH = 40


def rows(texts: list[str]) -> tuple[np.typing.NDArray[np.uint8], np.typing.NDArray[np.int64]]:
    """Return texts as columns, with what would stand behind them."""
    padded = b"".join((text.encode() + b"\n1/2.3")[:WIDTH].ljust(WIDTH, b"x") for text in texts)
    length = np.array([len(text) for text in texts], np.int64)
    return np.frombuffer(padded, np.uint8).reshape(-1, WIDTH), length


ADDRESS = st.tuples(*[st.integers(0, 300)] * 4, st.integers(0, 70_000)).map(
    lambda parts: ".".join(map(str, parts[:4])) + f"/{parts[4]}"
)


@given(st.lists(st.one_of(ADDRESS, st.text("0123456789./", max_size=24)), min_size=1, max_size=9))
@example(["1.2.3.4/5", "255.255.255.255/65535", "1.2.3.4/", "1.2.3/4.5", "1..3.4/5", "1.2.3.4.5"])
def test_columns_agree_with_the_careful_reader(texts: list[str]) -> None:
    """What they accept is the same; leading zeros are left to neither."""
    low, port, sound = read_endpoints(*rows(texts))
    for index, text in enumerate(texts):
        message = read_message(f"TCP: drop open request from {text}".encode())
        known = isinstance(message, Drop) and message.address is not None
        if sound[index] and known and isinstance(message, Drop):
            assert address_of(0, int(low[index])) == message.address
            assert int(port[index]) == message.port
        elif known:
            assert len(text) < 9 or not sound[index]
        else:
            assert not sound[index] or any(
                part.startswith("0") and len(part) > 1 for part in text.replace("/", ".").split(".")
            )


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=9), st.booleans())
def test_counts_stand_before_their_tail(numbers: list[int], cut: int) -> None:
    """Longer numbers and other tails are not read here."""
    tail = " suppressed."
    texts = [f"{number}{tail[: -1 if cut else None]}" for number in numbers]
    value, sound = read_counts(*rows(texts), tail.encode())
    assert sound.tolist() == [not cut and number < 10**9 for number in numbers]
    assert [value[i] for i in np.flatnonzero(sound)] == [
        n for n in numbers if n < 10**9 and not cut
    ]
