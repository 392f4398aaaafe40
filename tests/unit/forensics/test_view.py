"""Flows seen from the client."""

import numpy as np
import pytest

from floodwall.forensics.evidence import Flag
from floodwall.forensics.flows import FlowTable
from floodwall.forensics.view import View, busiest, groups, view_of
from tests.support.evidence import Row, segments

CLIENT, SERVER = ("192.0.2.1", 4_000), ("198.51.100.1", 80)
SYN, BOTH, ACK = Flag.SYN, Flag.SYN | Flag.ACK, Flag.ACK


def view(*rows: Row) -> View:
    """Return the view of segments."""
    made = segments(*rows)
    made["sequence"] = np.where(made["flags"] & int(SYN), 1_000, 1_001)
    table = FlowTable()
    table.add(made)
    return view_of(table)


def test_who_asks_is_the_client() -> None:
    """Also where only the answer was seen, or where the port tells."""
    for rows in (
        [(1.0, *CLIENT, *SERVER, SYN)],
        [(1.0, *SERVER, *CLIENT, BOTH)],
        [(1.0, *CLIENT, *SERVER, ACK)],
        [(1.0, *SERVER, *CLIENT, ACK)],
    ):
        assert view(*rows).server[0, 2] == 80


def test_a_handshake_is_complete_with_the_last_acknowledgement() -> None:
    """Whether or not the answer was captured; a reset completes nothing."""
    asked, answered = (1.0, *CLIENT, *SERVER, SYN), (1.1, *SERVER, *CLIENT, BOTH)
    done, reset = (1.2, *CLIENT, *SERVER, ACK), (1.2, *CLIENT, *SERVER, Flag.RST)
    assert view(asked, answered, done).completed.tolist() == [True]
    assert view(asked, done).completed.tolist() == [True]
    assert view(asked, answered, reset).unfinished.tolist() == [True]
    assert view(asked, answered).half_open_s.tolist() == pytest.approx([0.1])


def test_an_old_acknowledgement_completes_nothing() -> None:
    """Its number is not behind that of the SYN."""
    made = segments((1.0, *CLIENT, *SERVER, SYN), (1.2, *CLIENT, *SERVER, ACK))
    made["sequence"] = [5_000, 4_000]
    table = FlowTable()
    table.add(made)
    assert view_of(table).completed.tolist() == [False]


def test_stacks_wait_longer_each_time() -> None:
    """Seven SYNs in a minute are a stack; 300 in half a minute are none."""
    patient = view(*((float(2**n), *CLIENT, *SERVER, SYN) for n in range(7)))
    tool = view(*((n / 10, *CLIENT, *SERVER, SYN) for n in range(300)))
    assert (patient.excess.tolist(), patient.backs_off.tolist()) == ([0], [True])
    assert tool.excess[0] > 280
    assert tool.backs_off.tolist() == [False]


def test_an_answer_after_the_acknowledgement_is_seen() -> None:
    """The accept queue was full."""
    rows = [
        (1.0, *CLIENT, *SERVER, SYN),
        (1.1, *SERVER, *CLIENT, BOTH),
        (1.2, *CLIENT, *SERVER, ACK),
    ]
    assert view(*rows).answered_after_ack.tolist() == [False]
    assert view(*rows, (2.1, *SERVER, *CLIENT, BOTH)).answered_after_ack.tolist() == [True]


def test_the_busiest_window_slides() -> None:
    """It need not begin at a whole second; unknown times are one window."""
    assert busiest(np.array([0.9, 1.0, 1.1, 1.8, 5.0]), 1.0) == 4
    assert busiest(np.array([np.nan, np.nan]), 1.0) == 2
    assert busiest(np.array([1.0, 9.0]), 1.0, np.array([2.0, 3.0])) == 3


def test_groups_have_a_member() -> None:
    """And every row its group."""
    index, first = groups(np.array([7, 5, 7], np.uint64))
    assert index[0] == index[2] != index[1]
    assert len(first) == 2
