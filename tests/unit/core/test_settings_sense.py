"""Settings of the sensors."""

import pytest
from pydantic import ValidationError

from floodwall.core.settings import Settings
from floodwall.core.settings_sense import CanaryPolicy


def test_listeners_are_tried_unseen_by_default() -> None:
    """Nobody's application is bothered unless its operator asks for it."""
    policy = Settings().canary

    assert policy.enabled
    assert policy.timeout_s == 1.0
    assert (policy.complete_ports, policy.exclude_ports) == ((), ())


@pytest.mark.parametrize(
    "wrong",
    [{"timeout_s": 0}, {"per_second": 0}, {"complete_ports": (0,)}, {"exclude_ports": (65536,)}],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    """A port that is none, a wait that never ends, no handshake at all."""
    with pytest.raises(ValidationError):
        CanaryPolicy.model_validate(wrong)
