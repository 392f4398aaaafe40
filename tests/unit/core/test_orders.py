"""An operator's word about arming."""

from __future__ import annotations

import pytest

from floodwall.core.commands import SetLimits
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS
from floodwall.core.orders import arm, calm, named
from floodwall.core.settings_file import parse_settings
from tests.support.playbook import START_NS, Playbook, listener, quiet

UNTIL_NS = START_NS + 60 * SECOND_NS


def book() -> Playbook:
    """A machine with one service, of which two seconds were seen."""
    return Playbook() >> quiet(targets=(listener(),)) >> quiet(1, targets=(listener(),))


def test_a_service_has_several_names() -> None:
    """Port, endpoint, or all of it."""
    state = book().state
    (service,) = state.table.services
    for words in ("80", "*:80", service.name):
        assert named(state, words) == (service,)
    with pytest.raises(ConfigError, match="no service is called '8'") as caught:
        named(state, "8")

    assert service.name in caught.value.hint


def test_armed_by_hand_stays_until_then() -> None:
    """Through seconds that know nothing of it, and when all is written again."""
    play = book()
    (service,) = play.state.table.services
    play.state, (command,) = arm(play.state, (service,), UNTIL_NS)
    assert isinstance(command, SetLimits)
    assert command.limits.forced_until_ns == UNTIL_NS
    play >> quiet(2, targets=(listener(),))
    assert play.only(SetLimits) == []
    play.state = play.state.forgetful()
    play >> quiet(3, targets=(listener(),))
    (again,) = play.only(SetLimits)
    assert isinstance(again, SetLimits)
    assert again.limits.forced_until_ns == UNTIL_NS
    play >> quiet(61, targets=(listener(),))

    assert play.state.by_hand == {}


def test_calm_takes_it_back_and_forgets() -> None:
    """The kernel begins to count anew."""
    play = book()
    (service,) = play.state.table.services
    play.state, _ = arm(play.state, (service,), UNTIL_NS)
    before = play.state.limits[service.index]
    play.state, (command,) = calm(play.state, (service,))
    assert isinstance(command, SetLimits)

    assert command.limits.forced_until_ns == 0
    assert command.limits.reset_seq == before.reset_seq + 1
    assert play.state.by_hand == {}
    assert play.state.limits[service.index] == command.limits


def test_a_shorter_word_does_not_shorten() -> None:
    """What was promised holds until it is taken back."""
    play = book()
    (service,) = play.state.table.services
    play.state, _ = arm(play.state, (service,), UNTIL_NS)
    play.state, (command,) = arm(play.state, (service,), START_NS)
    assert isinstance(command, SetLimits)
    assert command.limits.forced_until_ns == UNTIL_NS


@pytest.mark.parametrize("mode", ["observe", "armed"])
def test_settings_go_before_words(mode: str) -> None:
    """What is only observed is not challenged by anybody."""
    play = Playbook(parse_settings(f'[services]\nmode = "{mode}"\n', "x"))
    play >> quiet(targets=(listener(),))
    with pytest.raises(ConfigError, match=f"always in mode {mode}"):
        arm(play.state, play.state.table.services, UNTIL_NS)


def test_a_service_that_goes_takes_its_order_along() -> None:
    """Its number may soon be another one's."""
    play = book()
    (service,) = play.state.table.services
    play.state, _ = arm(play.state, (service,), START_NS + 3600 * SECOND_NS)
    play >> quiet(30)
    assert play.state.by_hand == {}
