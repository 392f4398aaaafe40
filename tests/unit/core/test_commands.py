"""Commands are values."""

from floodwall.core.commands import DestroyHalfOpen, RotateKey
from tests.support.playbook import half_open


def test_commands_are_compared_by_value() -> None:
    """A playbook can name what it expects."""
    assert RotateKey(7) == RotateKey(7)
    assert RotateKey(7) != RotateKey(8)


def test_long_lists_are_not_printed() -> None:
    """Sixteen thousand entries would bury the log."""
    assert repr(DestroyHalfOpen("*:80", (half_open("203.0.113.1"),))) == (
        "DestroyHalfOpen(service='*:80')"
    )
