"""Settings of the response."""

import pytest
from pydantic import ValidationError

from floodwall.core.model import SECOND_NS
from floodwall.core.settings import Bans, ServiceMode, Settings
from floodwall.core.settings_response import (
    FEWEST_CONNECTIONS,
    RateAct,
    Recipes,
    SourceLimits,
    Tuning,
)

BLIND_PROOF_S = 11
"""Seconds between two blind hits at a million ACKs a second, docs/modes.md."""

SILENT_LIFE_S = 60
"""What servers give a client that says nothing: client_header_timeout of nginx."""


def test_nothing_bans_unless_somebody_says_so() -> None:
    """Fresh settings challenge; no recipe is on, and no service is strict."""
    settings = Settings()

    assert settings.services.mode is ServiceMode.PROTECT
    assert settings.recipes == Recipes(address_rate=0, port_rate=0, half_open=0, subnet=0)
    assert settings.recipes.rate_act is RateAct.CHALLENGE
    assert not settings.recipes.i_know_sources_can_be_forged


@pytest.mark.parametrize("key", ["concurrent", "idle"])
def test_a_limit_that_could_be_forged_is_refused(key: str) -> None:
    """Zero is no limit; a handful could be somebody else's blind guesses."""
    assert FEWEST_CONNECTIONS > SILENT_LIFE_S / BLIND_PROOF_S
    assert getattr(SourceLimits(**{key: 0}), key) == 0
    assert getattr(SourceLimits(**{key: FEWEST_CONNECTIONS}), key) == FEWEST_CONNECTIONS
    with pytest.raises(ValidationError, match="in somebody else's name"):
        SourceLimits(**{key: FEWEST_CONNECTIONS - 1})


def test_a_carrier_is_no_abuser() -> None:
    """2,000 connections a minute behind one address, kept for 75 s, stay within the defaults."""
    limits = SourceLimits()

    assert limits.concurrent > 2000 / 60 * 75
    assert limits.new_rate > 2000 / 60


def test_every_ban_by_rule_ends() -> None:
    """No setting makes a ban by rule permanent, nor a change of a sysctl that flaps."""
    longest = Bans.model_fields["longest_s"]

    assert [m.le for m in longest.metadata if hasattr(m, "le")] == [7 * 86400]
    with pytest.raises(ValidationError):
        Bans(longest_s=0)
    with pytest.raises(ValidationError):
        Tuning(hold_s=59)
    assert Bans().first_s * SECOND_NS >= 60 * SECOND_NS
