"""Words, counted."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.logs.passes import Passes
from floodwall.forensics.logs.runs import Runs, runs_of
from floodwall.forensics.logs.scanner import scanner

WORDS = st.lists(
    st.tuples(
        st.sampled_from([0, 7, 0xC0000201, 0xFFFFFFFF]),
        st.sampled_from([0, 80, 1_024, 65_535]),
        st.integers(0, 65_535),
    ).map(lambda parts: parts[0] << 32 | parts[1] << 16 | parts[2]),
    min_size=1,
    max_size=60,
)


def shown(runs: Runs) -> list[object]:
    """Return all of it."""
    columns = [
        getattr(counted, name).tolist()
        for counted in (runs.hosts, runs.ends)
        for name in ("keys", "counts", "first", "last")
    ]
    return [runs.ports.tolist(), runs.owner.tolist(), *columns]


@given(WORDS, st.integers(1, 3))
def test_words_are_counted_by_endpoint_and_address(words: list[int], least: int) -> None:
    """Like one by one; in C as in numpy."""
    given_words = np.sort(np.array(words, np.uint64))
    runs = runs_of(given_words, least)
    by_end: dict[int, list[int]] = {}
    for word in sorted(words):
        by_end.setdefault(word >> 16, []).append(word & 0xFFFF)
    often = {end: ranks for end, ranks in by_end.items() if len(ranks) >= least}
    hosts = sorted({end >> 16 for end in by_end})

    assert dict(zip(runs.ends.keys.tolist(), runs.ends.counts.tolist(), strict=True)) == {
        end: len(ranks) for end, ranks in often.items()
    }
    assert runs.ends.first.tolist() == [ranks[0] for ranks in often.values()]
    assert runs.ends.last.tolist() == [ranks[-1] for ranks in often.values()]
    assert runs.hosts.keys.tolist() == hosts
    assert [hosts[index] for index in runs.owner.tolist()] == [end >> 16 for end in often]
    assert int(runs.ports.sum()) == int(runs.hosts.counts.sum()) == len(words)
    loop = scanner()
    assert loop is not None
    assert shown(loop.count(given_words, least)) == shown(runs)
    assert shown(Passes().count(given_words, least)) == shown(runs)
