"""An observation, sorted by service."""

from dataclasses import replace

import pytest

from floodwall.core.classify.scene import Places, make_scene
from floodwall.core.model import HalfOpen, Service
from floodwall.core.observation import Observation
from floodwall.core.signs import Canary, KernelHint, Queue, Signs
from tests.support.playbook import endpoint, listener
from tests.support.traffic import Site

WILD = Site(0, port=80).service
OWN = replace(Site(1, port=80).service, bound=endpoint("192.0.2.10", 80))
BOTH = replace(
    Site(2, port=443).service,
    bound=endpoint("::", 443),
    targets=(listener("::", 443, dual_stack=True),),
)
SERVICES: tuple[Service, ...] = (WILD, OWN, BOTH)


@pytest.mark.parametrize(
    ("address", "port", "index"),
    [
        ("192.0.2.10", 80, 1),
        ("192.0.2.11", 80, 0),
        ("2001:db8::10", 80, None),
        ("2001:db8::10", 443, 2),
        ("192.0.2.10", 443, 2),
        ("192.0.2.10", 22, None),
    ],
)
def test_a_place_leads_to_its_service(address: str, port: int, index: int | None) -> None:
    """A listener's own address comes before a wildcard, as in the kernel."""
    assert Places(SERVICES).find(endpoint(address, port)) == index


def entry(n: int, retransmits: int = 1, *, proven: bool = False) -> HalfOpen:
    """Make a half-open entry at the wildcard."""
    return HalfOpen(
        endpoint("192.0.2.11", 80), endpoint("203.0.113.1", 1024 + n), retransmits, proven
    )


def test_only_old_entries_without_proof_are_stale() -> None:
    """Young ones may be a crowd, proven ones a bad network."""
    entries = (
        *(entry(n) for n in range(20)),
        *(entry(n, 0) for n in range(30, 50)),
        *(entry(n, proven=True) for n in range(60, 70)),
    )
    waiting = {endpoint("192.0.2.11", 80): 50, endpoint("192.0.2.11", 22): 9}
    seen = Observation(0, half_open=entries, requests=waiting)
    scene = make_scene(seen, SERVICES, 0, None)

    assert (scene.stale, scene.waiting) == ({0: 20}, {0: 50})


def test_the_fullest_queue_counts() -> None:
    """Of those that share an endpoint, and of no other."""
    queues = tuple(
        Queue(bound, device, 0, waiting, 10)
        for bound, device, waiting in (
            (WILD.bound, 0, 3),
            (WILD.bound, 0, 9),
            (WILD.bound, 7, 10),
            (endpoint("0.0.0.0", 81), 0, 10),
        )
    )
    scene = make_scene(Observation(0, signs=Signs(queues=queues)), SERVICES, 0, None)

    assert scene.queues is not None
    assert {index: queue.waiting for index, queue in scene.queues.items()} == {0: 9}


def test_a_canary_that_failed_counts_more() -> None:
    """Of two addresses of one service."""
    good = Canary(endpoint("192.0.2.11", 80), connected=True)
    bad = Canary(endpoint("192.0.2.12", 80), connected=False)
    other = Canary(endpoint("192.0.2.11", 443), connected=True, index=1)
    for canaries in ((good, bad, other), (bad, good, other)):
        scene = make_scene(Observation(0, signs=Signs(canaries=canaries)), SERVICES, 0, None)

        assert {0: bad, 1: other} == scene.canaries


def test_only_hints_of_syn_floods_count() -> None:
    """With their port, if the kernel told it."""
    hints = (KernelHint(0, "syn_flooding", 80), KernelHint(0, "oom", 443))
    scene = make_scene(Observation(0, signs=Signs(hints=hints)), SERVICES, 0, None)

    assert frozenset({80}) == scene.hinted


def test_what_failed_is_named() -> None:
    """None is what could not be sensed, and nothing is taken for empty."""
    blind = make_scene(Observation(0), SERVICES, 0, 3)

    assert blind.blind == ("accept queues", "stack counters", "connections")
    assert (blind.queues, blind.stale, blind.waiting) == (None, None, None)
    assert (blind.lifetime_s, blind.hour) == (15, None)
