"""Handshakes, flow by flow."""

import numpy as np

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
