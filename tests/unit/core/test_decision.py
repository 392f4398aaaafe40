"""Decisions as values."""

from dataclasses import FrozenInstanceError, fields

import pytest

from floodwall.core.decision import Act, Decision, Rung
from floodwall.core.verdict import Evidence


def test_a_decision_says_what_why_and_how_it_ends() -> None:
    """Nothing in it is optional that an operator would ask for first."""
    needed = [f.name for f in fields(Decision)][:5]

    assert needed == ["at_ns", "act", "rule", "subject", "text"]
    assert Decision(1, Act.BAN, "operator", "192.0.2.1", "banned").who == "floodwall"


def test_a_decision_cannot_be_changed_after_it_was_recorded() -> None:
    """Also not its evidence."""
    decision = Decision(1, Act.BAN, "operator", "x", "y", evidence=(Evidence("a", 1.0),))

    with pytest.raises(FrozenInstanceError):
        decision.text = "z"  # type: ignore[misc]  # that it fails is the point
    with pytest.raises(FrozenInstanceError):
        decision.evidence[0].value = 2.0  # type: ignore[misc]  # as above


def test_rungs_are_ordered_mildest_first() -> None:
    """A milder mode reaches a shorter part of the ladder."""
    assert list(Rung) == [Rung.OBSERVE, Rung.CHALLENGE, Rung.SIGNATURE, Rung.BAN, Rung.UPSTREAM]


def test_acts_are_stable_names() -> None:
    """They stand in the record of incidents: a renamed one orphans what was written."""
    assert {
        "arm",
        "calm",
        "ban",
        "lift",
        "refuse",
        "destroy_half_open",
        "tune",
        "restore",
        "open_incident",
        "close_incident",
    } <= {act.value for act in Act}
