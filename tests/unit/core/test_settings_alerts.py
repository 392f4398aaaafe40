"""Settings of alerts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from floodwall.core.settings_alerts import AlertPolicy


@pytest.mark.parametrize(
    ("begin", "end", "quiet", "loud"),
    [
        ("22:00", "07:00", [22 * 60, 1439, 0, 419], [420, 1319, 720]),
        ("12:00", "13:30", [720, 809], [719, 810, 0]),
        ("", "", [], [0, 720]),
        ("22:00", "", [], [1320]),
        ("08:00", "08:00", [], [479, 480, 481]),
    ],
)
def test_quiet_hours_may_pass_midnight(
    begin: str, end: str, quiet: list[int], loud: list[int]
) -> None:
    """From the first minute on, until before the last."""
    policy = AlertPolicy(quiet_from=begin, quiet_to=end)

    assert all(policy.quiet_at(minute) for minute in quiet)
    assert not any(policy.quiet_at(minute) for minute in loud)


def test_by_default_nobody_is_told_and_critical_ones_pass() -> None:
    """Whoever sets quiet hours still hears that users are locked out."""
    policy = AlertPolicy()

    assert policy.targets == ""
    assert policy.quiet_critical
    assert not any(policy.quiet_at(minute) for minute in range(1440))


@pytest.mark.parametrize("clock", ["24:00", "7:00", "22.00", "22:60", "night"])
def test_a_time_of_day_is_written_one_way(clock: str) -> None:
    """With two digits each."""
    with pytest.raises(ValidationError, match="no time of day"):
        AlertPolicy(quiet_from=clock)


@pytest.mark.parametrize("name", ["etc/targets", "./x", "a\0b"])
def test_the_targets_are_a_path_or_a_credential(name: str) -> None:
    """A bare name is looked up among the unit's credentials."""
    with pytest.raises(ValidationError, match="neither an absolute path nor a bare name"):
        AlertPolicy(targets=name)
    assert AlertPolicy(targets="alerts").targets == "alerts"
