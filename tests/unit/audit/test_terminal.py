"""The operator reads the worst first, and what nobody could see."""

from floodwall.audit.baseline import Accepted, Baseline
from floodwall.audit.report import audit
from floodwall.audit.terminal import report_lines
from tests.support.audit import FAILING, blind, both, machine


def test_a_finding_is_told_with_reason_source_and_fix() -> None:
    """On lines of at most 100 columns, unless a command is longer."""
    lines = list(report_lines(audit(FAILING["cookie-timestamps"](machine()))))
    text = "\n".join(lines)
    assert lines[0].startswith("score ")
    assert "medium    cookie-timestamps: 0: a connection that a cookie made" in text
    assert "source RFC 7323" in text
    assert "with   syncookies: without cookies nothing is lost by 0" in text
    assert "fix    sysctl -w net.ipv4.tcp_timestamps=1" in text
    assert max(map(len, lines)) <= 100


def test_the_three_columns_are_shown_where_they_matter() -> None:
    """With a mark where a boot changes the value."""
    lines = list(report_lines(audit(FAILING["boot-values"](machine()))))
    (row,) = [line for line in lines if line.startswith("net.core.somaxconn")]
    assert row.split() == [
        "net.core.somaxconn", "4096", "128", "!", "/etc/sysctl.d/90-hardening.conf:3",
    ]  # fmt: skip
    assert [line for line in lines if line.startswith("sysctl ")]


def test_everything_is_shown_when_asked() -> None:
    """What passed, what is not about this machine, and each sysctl."""
    lines = list(report_lines(audit(machine()), everything=True))
    assert "pass      syncookies: 1: cookies answer as soon as a queue is full" in lines
    assert [line for line in lines if line.startswith("n/a       tw-recycle")]
    assert [line for line in lines if line.startswith("net.ipv4.tcp_sack ")]


def test_what_was_not_read_is_said_once_each() -> None:
    """And counted in the first line."""
    lines = list(report_lines(audit(blind())))
    assert lines[0] == "no score, 0 findings, 46 could not be read (kernel unknown)"
    assert "unread    syncookies: permission denied" in lines


def test_what_is_accepted_or_expired_is_told() -> None:
    """With the reason of whoever accepted it."""
    facts = both(FAILING["clock"], FAILING["rehearsal"])(machine())
    entries = [("clock", "2027-01-01"), ("rehearsal", "2026-01-01")]
    baseline = Baseline(tuple(Accepted(check, "", "known", until) for check, until in entries))
    lines = list(report_lines(audit(facts, baseline, "2026-06-01")))
    assert "accepted  clock: known" in lines
    assert "expired   rehearsal until 2026-01-01: no longer accepted" in lines
