"""Handshakes, flow by flow."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.evidence import Flag
from floodwall.forensics.flows import (
    ACK,
    FIRST_SYN,
    LAST_SYN,
    ODD,
    RST,
    SYN,
    SYN_ACK,
    FlowTable,
    kinds_of,
)
from tests.support.evidence import segments

BOTH = Flag.SYN | Flag.ACK


def test_flags_have_kinds() -> None:
    """Those that no stack sends are odd; ECN bits change nothing."""
    flags = [Flag.SYN, BOTH, Flag.ACK, Flag.RST, Flag.SYN | Flag.FIN, 0, Flag.SYN | Flag.ECE]
    kinds = kinds_of(np.array([int(flag) for flag in flags], np.uint8))
    assert kinds.tolist() == [SYN, SYN_ACK, ACK, RST, ODD, ODD, SYN]


def test_both_directions_are_one_flow() -> None:
    """Counted apart."""
    table = FlowTable()
    client, server = ("192.0.2.1", 4000), ("198.51.100.1", 80)
    table.add(
        segments(
            (1.0, *client, *server, Flag.SYN),
            (2.0, *server, *client, BOTH),
            (3.0, *client, *server, Flag.SYN),
            (4.0, *client, *server, Flag.ACK),
        )
    )
    flows = table.rows()

    assert len(flows) == 1
    way = int(flows.counts[0, :, SYN].argmax())
    assert flows.counts[0, way, [SYN, SYN_ACK, ACK]].tolist() == [2, 0, 1]
    assert flows.counts[0, 1 - way, SYN_ACK] == 1
    assert flows.times[0, way, [FIRST_SYN, LAST_SYN]].tolist() == [1.0, 3.0]


def test_too_many_flows_leave_a_fair_sample() -> None:
    """And its share is known; a merge takes the smaller share."""
    table, other = FlowTable(limit=1_000), FlowTable(limit=1_000)
    rows = [
        (1.0, f"192.0.2.{n % 250}", 1_000 + n, "198.51.100.1", 80, Flag.SYN) for n in range(9_000)
    ]
    for start in range(0, 9_000, 500):
        table.add(segments(*rows[start : start + 500]))
    other.add(segments(*rows[:100]))

    kept = len(table.rows())
    assert kept <= 1_000
    assert table.share < 1
    assert abs(kept / table.share - 9_000) < 9_000 * 0.2
    other.merge(table)
    assert other.share == table.share
    assert len(other.rows()) == kept


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 9).map(float),
        st.integers(1, 6),
        st.sampled_from([Flag.SYN, Flag.SYN | Flag.ACK, Flag.ACK, Flag.RST]),
        st.booleans(),
    ),
    max_size=30,
)


@given(EVENTS, st.integers(0, 30), st.sampled_from([4, 100]))
def test_tables_of_two_parts_merge_into_that_of_the_whole(
    events: list[tuple[float, int, Flag, bool]], cut: int, limit: int
) -> None:
    """Also flows of which each part saw one segment, or one part several; and beyond the bound."""
    rows = []
    for at, number, flags, back in events:
        client, server = (f"192.0.2.{number}", 1_000), ("198.51.100.1", 80)
        rows.append((at, *((*server, *client) if back else (*client, *server)), flags))
    whole = FlowTable(limit=limit)
    parts = FlowTable(limit=limit), FlowTable(limit=limit)
    for table, some in ((whole, rows), (parts[0], rows[:cut]), (parts[1], rows[cut:])):
        if some:
            table.add(segments(*some))
    wanted = whole.rows()
    parts[0].merge(parts[1])
    found = parts[0].rows()
    assert parts[0].share == whole.share
    for column, other in zip(found.columns(), wanted.columns(), strict=True):
        assert repr(column.tolist()) == repr(other.tolist())
