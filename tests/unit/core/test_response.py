"""What the response remembers."""

from floodwall.core.decision import Act, Decision
from floodwall.core.response import Response, Tuned

TUNED = Tuned("5", "2", Decision(1, Act.TUNE, "tuning", "x", "y"))


def test_after_a_failed_write_every_sysctl_is_doubtful() -> None:
    """Those to be changed and those to be put back; everything else is kept."""
    before = Response(tuned={"a": TUNED}, undone={"b": TUNED}, rests={}, flood_ns=5)
    after = before.forgetful()

    assert {name: each.doubtful for name, each in after.tuned.items()} == {"a": True, "b": True}
    assert after.undone == {}
    assert after.flood_ns == 5


def test_nothing_is_remembered_at_first() -> None:
    """A fresh daemon holds nobody guilty."""
    assert Response().forgetful() == Response()
