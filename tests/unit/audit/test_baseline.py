"""Findings are accepted with a reason, and not for ever."""

import pytest

from floodwall.audit.baseline import Accepted, Baseline, parse_baseline, write_baseline
from floodwall.core.errors import ConfigError

ENTRY = Accepted("clock", 'a "quoted" \\ subject', "until the move", "2027-01-31")
HEAD = '[[accepted]]\ncheck = "clock"\n'


def test_what_is_written_is_read_again() -> None:
    """Also quotes and backslashes."""
    text = write_baseline([ENTRY])
    assert parse_baseline(text, "f", ["clock"]) == Baseline((ENTRY,))


def test_an_entry_holds_until_its_last_day() -> None:
    """And is told as expired after it."""
    baseline = Baseline((ENTRY,))
    assert baseline.reason("clock", ENTRY.subject, "2027-01-31") == "until the move"
    assert baseline.reason("clock", ENTRY.subject, "2027-02-01") == ""
    assert list(baseline.expired("2027-02-01")) == [ENTRY]
    assert str(ENTRY).endswith("until 2027-01-31")


def test_an_entry_without_subject_is_for_all() -> None:
    """One with a subject is not."""
    every = Baseline((Accepted("clock", "", "r", "2027-01-31"),))
    assert every.reason("clock", "any", "2026-01-01") == "r"
    assert Baseline((ENTRY,)).reason("clock", "other", "2026-01-01") == ""
    assert every.reason("rehearsal", "any", "2026-01-01") == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "until = 2027-01-31", "without a reason"),
        (HEAD + 'reason = " "\nuntil = 2027-01-31', "without a reason"),
        (HEAD + 'reason = "r"', "last day"),
        (HEAD + 'reason = "r"\nuntil = "soon"', "last day"),
        ('[[accepted]]\ncheck = "clocks"', "no check"),
        ('[[accepted]]\nwhat = "clock"', "has check"),
        ("[[accepted]\n", "f: "),
        ("x = 1", "only tables"),
        ("accepted = 1", "only tables"),
    ],
)
def test_what_is_not_clear_is_refused(text: str, said: str) -> None:
    """A finding that is hidden by mistake is worse than none."""
    with pytest.raises(ConfigError, match=said):
        parse_baseline(text, "f", ["clock"])
