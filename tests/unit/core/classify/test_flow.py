"""Growth of counters between two observations."""

from floodwall.core.classify.flow import Flow, flow_between, since_calm
from floodwall.core.model import Reading


def test_a_flow_is_what_the_counters_grew_by() -> None:
    """All of them."""
    before = Reading(0, 10, 9, 8, 7, 6, 5)
    flow = flow_between(before, Reading(0, 110, 59, 58, 27, 16, 25), 1.5)

    assert Flow(1.5, 100, 50, 50, 20, 10, 20) == flow


def test_counters_that_begin_anew_are_no_flow() -> None:
    """The index was given to another service, or the maps were made again."""
    assert flow_between(Reading(0, syns=10), Reading(0, syns=9), 1.0) is None


def test_a_cookie_and_its_handshake_are_one_answer() -> None:
    """The stack completes whoever returned a cookie, if it has room."""
    assert [
        Flow(1.0, proven=20, completed=20).answered,
        Flow(1.0, proven=20, completed=3).answered,
        Flow(1.0, completed=5).answered,
    ] == [20, 20, 5]


def test_only_whole_flows_are_calm() -> None:
    """The one in which it became calm still has challenges of the flood."""
    flows = tuple(Flow(1.0, n) for n in range(5))

    assert [(), (), flows[3:], flows] == [
        since_calm(flows, seconds) for seconds in (-1.0, 0.9, 2.5, 100.0)
    ]
