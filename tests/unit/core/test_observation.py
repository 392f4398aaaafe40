"""The Observation of one second."""

from dataclasses import FrozenInstanceError

import pytest

from floodwall.core.observation import Observation, SensorFailure
from floodwall.core.signs import Signs


def test_an_observation_begins_with_nothing_seen() -> None:
    """What no sensor told is None or unknown, not empty and calm."""
    seen = Observation(now_ns=5)

    assert seen.targets is None
    assert seen.half_open is None
    assert seen.readings is None
    assert seen.signs == Signs()
    assert seen.failures == ()


def test_an_observation_does_not_change() -> None:
    """`decide` can keep a part of it."""
    seen = Observation(now_ns=5)
    with pytest.raises(FrozenInstanceError):
        seen.mtu = 9000  # type: ignore[misc]  # that is what is tested


def test_a_failure_names_its_sensor() -> None:
    """So that it can be told once and looked for again."""
    failure = SensorFailure("links", "ask for the speed of eth0: Operation not permitted")

    assert (failure.sensor, failure.why.partition(":")[0]) == ("links", "ask for the speed of eth0")
