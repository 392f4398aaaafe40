"""What is remembered."""

from floodwall.core.commands import ClearService, RotateKey, SetLimits, SetServices
from floodwall.core.settings import Settings
from floodwall.core.state import State
from tests.support.playbook import START_NS, Playbook, endpoint, listener, quiet

KEYS = {endpoint("192.0.2.10", 80): 5}


def test_an_adopted_service_keeps_index_and_counters() -> None:
    """The keys of an earlier daemon are confirmed; nothing is cleared."""
    book = Playbook()
    book.state = State.adopted(Settings(), KEYS, START_NS)
    book >> quiet(1, targets=(listener(),))

    assert book.only(ClearService) == []
    assert book.only(RotateKey) == []
    assert book.only(SetServices) == [SetServices(KEYS)]


def test_a_forgetful_state_writes_everything_again() -> None:
    """After a failed write the next second repairs it, without losing counters."""
    book = Playbook() >> quiet(targets=(listener(),))
    first = book.commands
    book.state = book.state.forgetful()
    book >> quiet(1, targets=(listener(),))

    assert book.only(SetLimits, SetServices) == [
        command for command in first if isinstance(command, SetLimits | SetServices)
    ]
    assert book.only(ClearService, RotateKey) == []
