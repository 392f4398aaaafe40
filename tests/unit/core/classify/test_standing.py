"""What is said from second to second."""

import pytest

from floodwall.core.classify.finding import Finding
from floodwall.core.classify.standing import GRAVITY, HOLD_NS, Standing
from floodwall.core.model import SECOND_NS
from floodwall.core.verdict import Kind


def said(*kinds: Kind | None) -> list[Kind]:
    """Settle one finding a second, None is nothing found; return what is said."""
    standing = Standing()
    kept = []
    for second, kind in enumerate(kinds, 1):
        finding = None if kind is None else Finding(kind, 2.0, ())
        standing = standing.settle(finding, second * SECOND_NS)
        kept.append(standing.kind)
    return kept


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CALM])
def test_it_is_said_at_once_and_held(kind: Kind) -> None:
    """For ten seconds after it was last found."""
    assert [kind] * 10 + [Kind.CALM] == said(kind, *[None] * 10)


def test_what_is_found_again_is_held_anew() -> None:
    """Pulses are one attack."""
    flood = Kind.SPOOFED_FLOOD

    assert {flood} == set(said(flood, *[None] * 8, flood, *[None] * 9))


def test_graver_is_said_at_once_milder_waits() -> None:
    """A crowd that turns out a flood; a flood that leaves a slow application."""
    crowd, flood, slow = Kind.FLASH_CROWD, Kind.SPOOFED_FLOOD, Kind.SLOW_APPLICATION

    assert [crowd, flood] == said(crowd, flood)
    assert [flood] * 10 + [slow] == said(flood, *[slow] * 10)


def test_one_attack_is_called_another_after_three_seconds() -> None:
    """Not to and fro."""
    ack, syn = Kind.ACK_FLOOD, Kind.SPOOFED_FLOOD

    assert [ack, ack, ack, syn] == said(ack, syn, syn, syn)
    assert {ack} == set(said(ack, syn, syn, ack, syn, syn, ack))


def test_since_is_when_it_was_first_said() -> None:
    """However often it was found since."""
    flood = Finding(Kind.SPOOFED_FLOOD, 2.0, ())
    standing = Standing().settle(None, 1).settle(flood, 5).settle(flood, 6).settle(None, 7)

    assert (5, 6, flood) == (standing.since_ns, standing.found_ns, standing.finding)
    assert standing.settle(None, HOLD_NS + 6).since_ns == HOLD_NS + 6


def test_every_kind_has_its_gravity() -> None:
    """The table is whole."""
    assert set(Kind) == set(GRAVITY)
