"""Many are visited, some at a time, and one that fails stops no other."""

import threading

import pytest

from floodwall.audit.facts import UnreadError
from floodwall.core.errors import ConfigError
from floodwall.fleet.host import Host
from floodwall.fleet.rounds import visit_all
from floodwall.fleet.trouble import Kind, TroubleError

HOSTS = [Host(name, name) for name in ("a", "b", "c", "d", "e", "f")]


def job(host: Host) -> str:
    """Fail in every way that a machine can make us fail."""
    failures = {
        "a": TroubleError(Kind.LOGIN, "no"),
        "b": ConfigError("bad archive", hint="again"),
        "c": ValueError("x" * 500),
        "d": RecursionError(),
        "e": UnreadError("hidden"),
    }
    if host.name in failures:
        raise failures[host.name]
    return "fine"


def test_each_failure_stays_with_its_host() -> None:
    """In the order in which they were named, each told once."""
    told: list[str] = []
    visits = visit_all(HOSTS, job, 2, threading.Event(), lambda visit: told.append(visit.host.name))
    assert [visit.result for visit in visits] == [None] * 5 + ["fine"]
    kinds = [visit.trouble.kind for visit in visits if visit.trouble]
    assert kinds == [Kind.LOGIN] + [Kind.ANSWER] * 4
    assert all(visit.trouble.text.isprintable() for visit in visits if visit.trouble)
    assert sorted(told) == ["a", "b", "c", "d", "e", "f"]


def test_no_more_than_some_are_visited_at_a_time() -> None:
    """Those that wait, wait for a place."""
    lock, together, most = threading.Lock(), [0], [0]
    both = threading.Barrier(2)

    def busy(_: Host) -> None:
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        both.wait(10)
        with lock:
            together[0] -= 1

    visit_all(HOSTS, busy, 2, threading.Event())
    assert most == [2]


def test_an_interruption_tells_those_who_are_under_way() -> None:
    """And goes on as what it is."""
    stop = threading.Event()

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        visit_all(HOSTS, lambda _: stop.wait(0.01), 2, stop, interrupted)
    assert stop.is_set()
