"""Symptoms are values that answer simple questions about themselves."""

from floodwall.core.diagnosis.symptoms import Symptoms
from tests.support.playbook import endpoint
from tests.support.symptoms import OPEN, SILENT, machine, web


def test_a_service_has_a_name() -> None:
    """As an operator says it."""
    assert web().name == "*:80 nginx"
    assert web(bound=endpoint("::", 22), process="").name == "[::]:22"
    assert web(bound=endpoint("192.0.2.1", 22)).name == "192.0.2.1:22 nginx"


def test_a_queue_is_full_at_its_backlog() -> None:
    """A backlog of 0 takes one; one that is not known is never full."""
    assert web(waiting=511).is_full
    assert not web(waiting=510, waited=510).was_full
    assert web(waited=600).was_full
    assert not web(backlog=0, waiting=0).is_full
    assert not web(backlog=None, waiting=9).is_full


def test_a_door_is_shut_only_if_it_was_tried() -> None:
    """Not trying is not knowing."""
    assert [web(canary=canary).is_shut for canary in (SILENT, OPEN, None)] == [True, False, False]


def test_counters_that_a_kernel_lacks_have_counted_nothing() -> None:
    """Those that went backwards, too; usual is the average since boot."""
    seen = machine(moved={"TcpOutRsts": -5, "TcpInSegs": 10})

    assert (seen.count("TcpOutRsts"), seen.count("TcpExtNone"), seen.rate("TcpInSegs")) == (0, 0, 5)
    assert seen.usual("TcpPassiveOpens") == 20
    assert Symptoms(2.0).usual("TcpPassiveOpens") == Symptoms(2.0).count("x") == 0
