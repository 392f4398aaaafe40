"""Rows of the record as lines."""

from dataclasses import replace

import click
from click.testing import CliRunner

from floodwall.cli.record_lines import (
    ban_line,
    decision_lines,
    event_line,
    incident_line,
    peak_line,
    say,
    verdict_lines,
)
from floodwall.store.rows import ActionRow, BanRow, DecisionRow, EventRow, IncidentRow, VerdictRow

AT = "2027-01-15T08:00:00.000+00:00"
INCIDENT = IncidentRow(
    12, "*:80 nginx", "spoofed_flood", "incident", AT, "a flood", None, "", 65.0, 1, {"syns": 9e4}
)
BAN = BanRow("198.51.100.7/32", "abuse.silent", "floodwall", "why", AT, AT, 545.0, None, "", 1)
EVIDENCE = [{"name": "silent", "value": 70, "limit": 64, "text": "70 silent connections"}]
ACTION = ActionRow(AT, "Ban", "198.51.100.7/32", {}, "done", "", None)
DECISION = DecisionRow(
    *(1, AT, "ban", "abuse.silent", "198.51.100.7/32", "held 70 silent connections"),
    *("*:80 nginx", "198.51.100.7/32", AT, "floodwall unban 198.51.100.7", "floodwall"),
    EVIDENCE,
    12,
    [ACTION],
)


def test_nothing_steers_the_terminal() -> None:
    """A process may be called anything."""

    @click.command()
    def command() -> None:
        say("\x1b[31mred\x07\r\n\u202egnp ü  ")

    assert CliRunner().invoke(command).output == "?[31mred?????gnp ü\n".replace("?????", "????")


def test_an_incident_is_a_line() -> None:
    """Open or over, or of a clock that was lost."""
    assert incident_line(INCIDENT) == (
        "I12    2027-01-15T08:00:00Z  open for 1m 5s     spoofed_flood      *:80 nginx"
    )
    assert "lasted 1m 5s" in incident_line(replace(INCIDENT, closed=AT))
    assert "lasted ?" in incident_line(replace(INCIDENT, closed=AT, lasted_s=None))


def test_peaks_are_told_with_their_units() -> None:
    """Those that an operator asks for first."""
    assert peak_line(INCIDENT) == "peaks      90,000 SYN/s"
    assert peak_line(replace(INCIDENT, peak={})) == "peaks      nothing was counted"


def test_a_decision_tells_who_why_until_when_and_what_became_of_it() -> None:
    """In this order."""
    assert list(decision_lines(DECISION)) == [
        f"{AT}  ban: held 70 silent connections",
        f"    by rule abuse.silent, decided by floodwall, in incident I12, until {AT}",
        "    evidence: silent 70, limit 64: 70 silent connections",
        "    action: Ban 198.51.100.7/32: done",
        "    undone by: floodwall unban 198.51.100.7",
    ]


def test_what_became_of_an_action() -> None:
    """Failed, taken back, or never heard of again."""
    failed = replace(ACTION, state="failed", result="the map is full")
    undone = replace(ACTION, undone=AT)
    lost = replace(ACTION, state="planned")
    told = "\n".join(decision_lines(replace(DECISION, actions=[failed, undone, lost])))

    assert "failed: the map is full" in told
    assert f"done, taken back at {AT}" in told
    assert "about to be done when the daemon died" in told


def test_a_verdict_tells_its_spoof_index_and_advice() -> None:
    """With the interval."""
    row = VerdictRow(AT, "*:80", "mixed_flood", 0.9, (0.5, 0.4, 0.6), "raise it", EVIDENCE, {})

    assert list(verdict_lines(row)) == [
        f"{AT}  *:80: mixed_flood, 90% sure",
        "    spoof index 50.0%, 95 % interval 40.0% to 60.0%",
        "    evidence: silent 70, limit 64: 70 silent connections",
        "    advice: raise it",
    ]


def test_a_ban_is_a_line() -> None:
    """In force with what is left, without end, or over."""
    assert ban_line(BAN) == (
        f"198.51.100.7/32 is banned for 9m 5s more, since {AT}, by rule abuse.silent"
    )
    assert "until lifted" in ban_line(replace(BAN, left_s=None, until=None))
    assert ban_line(replace(BAN, left_s=None, ended=AT, how="expired")).endswith("silent: expired")


def test_an_event_is_a_line() -> None:
    """With the incident that it belongs to."""
    row = EventRow(7, AT, "note", "*:80 nginx is armed", "*:80 nginx", None, 12)

    assert event_line(row) == f"{AT}  note            *:80 nginx is armed  [I12]"
    assert event_line(replace(row, incident=None)).endswith("is armed")


def test_a_ban_that_failed_was_none() -> None:
    """Somebody protected was never banned, not even for a moment."""
    failed = replace(BAN, ended=AT, how="failed: not banned: it is protected: gateway")

    assert ban_line(failed) == (
        f"198.51.100.7/32 was to be banned at {AT} by rule abuse.silent: "
        "failed: not banned: it is protected: gateway"
    )
