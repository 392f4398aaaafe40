"""Following a service under attack."""

import time
from typing import cast

import pytest

from floodwall.kernel import _abi as abi
from floodwall.kernel.tables import Tables
from floodwall.lab import watch
from floodwall.lab.watch import Arming, Watch

NO_TABLES = cast("Tables", None)  # the states come from the test


def follow(monkeypatch: pytest.MonkeyPatch, *looks: list[abi.State]) -> Arming:
    """Return what is kept of some looks at the states, from time 100 on."""
    seen = iter(looks)
    monkeypatch.setattr(watch, "states", lambda _: next(seen))
    follower = Watch(NO_TABLES, 100)
    for _ in looks:
        follower.look()
    return follower.arming


def state(armed: int, challenge: int, until: int) -> abi.State:
    """Return a state with these moments."""
    return abi.State(armed_at_ns=armed, first_challenge_ns=challenge, armed_until_ns=until)


def test_what_was_before_the_attack_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier arming is another one's."""
    assert follow(monkeypatch, [state(50, 60, 90)]) == Arming()


def test_the_first_arming_and_the_last_moment_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pulsing flood arms again and again."""
    found = follow(
        monkeypatch, [state(110, 0, 200)], [state(110, 115, 210)], [state(400, 410, 500)]
    )

    assert found == Arming(armed_ns=110, challenge_ns=115, armed_until_ns=500)


def test_the_earliest_of_several_services_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood may hit more than one."""
    found = follow(monkeypatch, [state(130, 135, 200), state(120, 126, 190)])

    assert (found.armed_ns, found.challenge_ns, found.armed_until_ns) == (120, 126, 200)


@pytest.mark.slow
def test_calm_is_when_the_last_arming_has_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """And at once where nothing was ever armed."""
    monkeypatch.setattr(watch, "CALM_WITHIN_S", 0.3)
    until = time.monotonic_ns() + 100_000_000
    monkeypatch.setattr(watch, "states", lambda _: [state(110, 115, until)])
    assert Watch(NO_TABLES, 100).wait_for_calm()
    assert time.monotonic_ns() >= until

    monkeypatch.setattr(watch, "states", lambda _: [state(110, 115, until + 10**12)])
    assert not Watch(NO_TABLES, 100).wait_for_calm()

    monkeypatch.setattr(watch, "states", lambda _: [])
    assert Watch(NO_TABLES, 100).wait_for_calm()
