"""Being used as a reflector."""

from random import Random

import pytest

from floodwall.core.classify.flow import Flow
from floodwall.core.classify.reflection import Reflected, add_up, find_reflection
from floodwall.core.model import Endpoint, HalfOpen
from floodwall.core.verdict import Kind
from tests.support.playbook import HOME, endpoint
from tests.support.traffic import Onlooker, Site

VICTIM = tuple(
    HalfOpen(Endpoint(HOME, 8001 + n), endpoint("198.51.100.7", 5000 + n), 1, proven=False)
    for n in range(16)
)


def reflect(seconds: int, ports: int = 64, rate: float = 200.0) -> Onlooker:
    """Let SYNs forged from one victim come to many ports, all of them beyond its debt."""
    draw = Random(7)
    sites = tuple(Site(n, 511, 8001 + n) for n in range(ports))
    looker = Onlooker(*sites)
    for second in range(5 + seconds):
        looker.now_s += 1
        hits = [0] * ports
        for _ in range(round(rate) if second >= 5 else 0):
            hits[draw.randrange(ports)] += 1
        looker.see(
            *(
                site.second(looker.now_s, clients=2, debtors=hit)
                for site, hit in zip(sites, hits, strict=True)
            ),
            half_open=VICTIM if second >= 5 else (),
        )
    return looker


def test_a_victim_asked_for_at_many_ports_is_reflection() -> None:
    """The lab's: 200 a second at 64 ports, known after a second; the victim is named."""
    said = reflect(1).said[None]

    assert Kind.REFLECTION is said.kind
    assert "198.51.100.7 seems to be the victim" in said.evidence[1].text
    assert "do not report or ban" in said.advice
    assert said.spoof_index is not None
    assert said.spoof_index.low > 0.9


def test_services_that_are_used_are_not_called_flooded() -> None:
    """Some get more than others; none of them is the aim."""
    said = reflect(30).said

    assert {Kind.CALM, Kind.REFLECTION} >= {verdict.kind for verdict in said.values()}


@pytest.mark.parametrize(
    ("seen", "probes"),
    [
        # One aim, or a site's two.
        (Reflected(frozenset({0, 1}), 500, 50, 0, 10.0), 0),
        # They answer.
        (Reflected(frozenset(range(9)), 500, 50, 400, 10.0), 0),
        # So few that one client's bad luck explains them.
        (Reflected(frozenset(range(9)), 19, 0, 0, 10.0), 0),
        # A scanner, who finds more closed ports than open ones.
        (Reflected(frozenset(range(9)), 500, 50, 0, 10.0), 501),
        # All of this moment: half of them may still answer.
        (Reflected(frozenset(range(9)), 39, 39, 0, 1.0), 0),
        (Reflected(frozenset(), 0, 0, 0, 0.0), 0),
    ],
)
def test_what_is_no_reflection(seen: Reflected, probes: int) -> None:
    """Each of the conditions is needed."""
    assert find_reflection(seen, probes, ()) is None


def test_only_challenges_without_answer_count() -> None:
    """A service whose debtors answer is not touched."""
    added = add_up(
        {
            0: (Flow(1.0, challenged=5), Flow(1.0, challenged=5)),
            1: (Flow(1.0, challenged=9, proven=8),),
            2: (Flow(1.0, 50, 50, completed=50),),
            3: (),
        }
    )

    assert Reflected(frozenset({0}), 19, 14, 8, 2.0) == added


def test_nobody_is_named_without_entries() -> None:
    """The queue may hold nothing of it."""
    found = find_reflection(Reflected(frozenset(range(9)), 500, 50, 0, 10.0), 0, VICTIM[:2])

    assert found is not None
    assert [evidence.name for evidence in found.evidence] == ["reflected_per_s"]
