"""Slow applications."""

import pytest

from floodwall.core.classify.slow import LINES, advise
from floodwall.core.signs import Queue, Signs, StackCounters
from floodwall.core.verdict import Kind
from tests.support.playbook import endpoint
from tests.support.traffic import Onlooker, Site

BOUND = endpoint("0.0.0.0", 80)


def signs(waiting: int, overflows: int = 0, backlog: int = 5, process: str = "hung") -> Signs:
    """Sense one accept queue."""
    queue = Queue(BOUND, 0, 0, waiting, backlog, process, 4711)
    return Signs(queues=(queue,), stack=StackCounters(listen_overflows=overflows), connections=())


def test_a_full_accept_queue_is_a_slow_application() -> None:
    """In the second observation; the process, its backlog and what to do are named."""
    looker = Onlooker(Site(capacity=5))
    first = looker.second(clients=0, stuck=20, more={"signs": signs(6)})
    second = looker.second(clients=0, stuck=20, more={"signs": signs(6)})
    words = " ".join(evidence.text for evidence in second.evidence) + second.advice

    assert [first.kind, second.kind] == [Kind.CALM, Kind.SLOW_APPLICATION]
    assert "accept_queue_fill" in [evidence.name for evidence in second.evidence]
    assert "hung (pid 4711)" in words
    assert "backlog of 5" in words


def test_what_overflows_is_slow_at_once() -> None:
    """The kernel says that it refused somebody."""
    looker = Onlooker(Site(capacity=5))
    looker.second(clients=5, more={"signs": signs(0)})
    verdict = looker.second(clients=0, stuck=20, more={"signs": signs(6, overflows=14)})

    assert Kind.SLOW_APPLICATION is verdict.kind
    assert "refused 14" in verdict.evidence[1].text


def test_a_burst_is_not_slow() -> None:
    """Full in the moment in which we look, and empty in the next."""
    looker = Onlooker()
    found = {True: {"signs": signs(511, backlog=511)}, False: {"signs": signs(0, backlog=511)}}
    kinds = [looker.second(clients=100, more=found[n % 7 == 0]).kind for n in range(60)]

    assert {Kind.CALM} == set(kinds)


def test_who_asks_for_no_backlog_is_not_slow() -> None:
    """listen(0) is allowed, and its queue takes one connection: without any it is not full."""
    looker = Onlooker(Site(capacity=1))
    idle = {"signs": signs(0, backlog=0)}
    kinds = {looker.second(clients=1, more=idle).kind for _ in range(5)}
    stuck = [looker.second(clients=0, stuck=3, more={"signs": signs(1, backlog=0)}) for _ in "12"]

    assert kinds == {Kind.CALM}
    assert stuck[-1].kind is Kind.SLOW_APPLICATION


def test_overflows_of_an_unknown_queue_are_half_a_proof() -> None:
    """Without sock_diag, it may be another listener."""
    looker = Onlooker()
    before = Signs(stack=StackCounters(), connections=())
    after = Signs(stack=StackCounters(listen_overflows=90), connections=())
    looker.second(clients=100, more={"signs": before})
    verdict = looker.second(clients=10, stuck=90, more={"signs": after})

    assert Kind.SLOW_APPLICATION is verdict.kind
    assert verdict.confidence <= 0.5


def test_a_flood_is_graver() -> None:
    """Forged sources answer no challenge, whether or not the application is slow."""
    looker = Onlooker(Site(capacity=128))
    full = signs(129, backlog=128)
    looker.seconds(5, clients=20, more={"signs": signs(0, backlog=128)})
    said = looker.seconds(5, clients=0, stuck=20, forged=5000, more={"signs": full})

    assert Kind.SPOOFED_FLOOD is said[-1].kind


@pytest.mark.parametrize(
    ("process", "line"),
    [
        ("nginx", "listen 80 backlog=1022;"),
        ("redis-server", "tcp-backlog 1022"),
        ("own-thing", "call of listen()"),
        ("", "call of listen()"),
    ],
)
def test_the_line_that_raises_a_backlog_is_named(process: str, line: str) -> None:
    """In the words of the server's own settings."""
    advice = advise(Queue(BOUND, 0, 0, 512, 511, process, 1), 80, somaxconn=4096)

    assert line in advice
    assert "somaxconn" not in advice


def test_the_sysctl_is_named_where_it_is_in_the_way() -> None:
    """listen() takes no more than it."""
    advice = advise(Queue(BOUND, 0, 0, 129, 128, "nginx"), 80, somaxconn=128)

    assert "sysctl -w net.core.somaxconn=511" in advice


def test_every_line_can_be_written() -> None:
    """No placeholder is left."""
    assert all("{" not in line.format(port=80, more=511) for line in LINES.values())
