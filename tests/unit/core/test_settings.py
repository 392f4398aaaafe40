"""Declarations of settings."""

import pytest
from pydantic import ValidationError

from floodwall.core.settings import ServiceMode, Services, Settings, sections


def test_every_setting_is_fully_declared() -> None:
    """Each has a purpose, the precedent of its default, and a range if it is a number."""
    for name, kind in sections():
        for key, info in kind.model_fields.items():
            extra = info.json_schema_extra
            bounds = [m for m in info.metadata if hasattr(m, "ge") or hasattr(m, "le")]

            assert isinstance(extra, dict), f"{name}.{key}"
            assert info.description, f"{name}.{key}"
            assert extra["precedent"], f"{name}.{key}"
            assert info.annotation not in {int, float} or len(bounds) == 2, f"{name}.{key}"


def test_defaults_are_valid() -> None:
    """The defaults pass their own checks."""
    assert Settings.model_validate(Settings().model_dump()) == Settings()


def test_settings_are_frozen() -> None:
    """Nobody changes a setting behind the daemon's back."""
    with pytest.raises(ValidationError):
        Settings().arming.hold_s = 9


@pytest.mark.parametrize(
    ("port", "mode"),
    [(22, ServiceMode.PROTECT), (80, ServiceMode.ARMED), (53, ServiceMode.OBSERVE)],
)
def test_ports_have_their_own_mode(port: int, mode: ServiceMode) -> None:
    """A port that is named goes before the mode of all."""
    policy = Services(observe_ports=(53,), armed_ports=(80,))

    assert policy.mode_of(port) is mode
