"""What the daemon keeps for a screen."""

from __future__ import annotations

from floodwall.app.live import TRIES, Liveness
from floodwall.core.commands import RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.model import Reading
from floodwall.core.signs import Canary, Signs
from tests.support.playbook import Playbook, endpoint, listener, quiet

WEB = (listener(process="nginx"),)
TRY = Canary(endpoint("192.0.2.10", 80), connected=True, took_ms=1.0, index=0)


def test_before_the_first_second_nothing_is_told() -> None:
    """Nobody pretends."""
    assert Liveness().look() is None


def test_a_minute_of_canaries_is_kept_and_no_more() -> None:
    """And those of a service that is gone are forgotten."""
    live, book = Liveness(), Playbook()
    for second in range(TRIES + 10):
        seen = quiet(second, targets=WEB, readings=(Reading(0),), signs=Signs(canaries=(TRY,)))
        book >> seen
        live.take(book.state, seen, ())
    told = live.look()
    assert told is not None
    assert told.services[0].canary is not None
    assert told.services[0].canary.tried == TRIES

    seen = quiet(4000, targets=())
    book >> seen >> quiet(5000, targets=())
    live.take(book.state, seen, ())

    assert live.look() is not None
    assert live._canaries == {}


def test_the_last_move_on_the_ladder_is_the_reason() -> None:
    """Whether the core made it or an operator; a sysctl beside it is none."""
    live, book = Liveness(), Playbook()
    seen = quiet(targets=WEB, readings=(Reading(0),))
    book >> seen
    live.take(book.state, seen, ())
    first = live.look()
    live.note(RecordDecision(Decision(0, Act.ARM, "operator", "web", "by a hand", service=0)))
    live.note(RecordDecision(Decision(1, Act.TUNE, "tuning", "x", "a sysctl", service=0)))

    told = live.look()

    assert first is not None
    assert told is not None
    assert (first.services[0].reason, told.services[0].reason) == ("", "by a hand")


def test_a_second_is_worked_out_once() -> None:
    """However many look."""
    live, book = Liveness(), Playbook()
    seen = quiet(targets=WEB)
    book >> seen
    live.take(book.state, seen, ())

    assert live.look() is live.look()
