"""The quick look for words that matter."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.logs.columns import Splitter
from floodwall.forensics.logs.messages import INTERESTING, LITERALS
from floodwall.forensics.logs.notable import notable

FILLER = st.text("abc :/0", max_size=150).map(str.encode)
LINES = st.one_of(
    FILLER,
    st.tuples(FILLER, st.sampled_from(LITERALS), FILLER).map(b"".join),
    st.tuples(FILLER, st.sampled_from(LITERALS).map(lambda word: word[:-1])).map(b"".join),
)


@given(st.lists(LINES, max_size=12))
def test_no_line_with_such_a_word_is_missed(lines: list[bytes]) -> None:
    """Wherever it stands in the line."""
    split = Splitter().split(b"".join(line + b"\n" for line in lines))
    told = notable(split, np.arange(len(lines))).tolist()
    assert {index for index, line in enumerate(lines) if INTERESTING.search(line)} <= set(told)
    assert told == sorted(set(told))


def test_most_other_lines_are_passed_over() -> None:
    """Also where the line behind holds such a word."""
    lines = [b"sshd[%d]: Failed password for root from 192.0.2.7 ssh2" % n for n in range(2_000)]
    lines[1_000] += b" overflow"
    split = Splitter().split(b"".join(line + b"\n" for line in lines))
    told = notable(split, np.arange(len(lines))).tolist()
    assert 1_000 in told
    assert 999 not in told
    assert len(told) < 100


def test_words_are_long_enough() -> None:
    """Seven bytes, so that four of them fill a machine word wherever they stand."""
    assert min(map(len, LITERALS)) >= 7
