"""Waiting times are judged from both sides."""

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.timers import CHECKS
from floodwall.audit.facts import Facts, Release
from tests.support.audit import both, facts_with, machine, sysctl


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_few_retries_are_told_to_hurt_bad_links() -> None:
    """It is a price, and not a free defence."""
    (outcome,) = told("synack-retries", sysctl({"tcp_synack_retries": "1"})(machine()))
    assert (outcome.status, outcome.severity) == (Status.FINDING, Severity.LOW)
    assert "stays 3 s; a client that loses 2 packets" in outcome.text


def test_five_retries_were_three_minutes_on_old_kernels() -> None:
    """189 s before 3.1."""
    change = both(
        sysctl({"tcp_synack_retries": "5", "tcp_syncookies": "0"}),
        facts_with(release=Release(2, 6, "2.6.32")),
    )
    assert "stays 189 s" in told("synack-retries", change(machine()))[0].text


def test_syn_retries_are_not_claimed_to_defend() -> None:
    """Whatever their value."""
    assert "that this machine opens" in told("syn-retries", machine())[0].text


def test_orphans_are_too_many_or_too_few() -> None:
    """Too few reset closing connections."""
    many = told("orphans", sysctl({"tcp_max_orphans": "1048576"})(machine()))[0]
    few = told("orphans", sysctl({"tcp_max_orphans": "16"})(machine()))[0]
    assert (many.status, few.status) == (Status.FINDING, Status.FINDING)
    assert "1048576 x 64 KiB = 65536 MiB" in many.text


def test_recycling_is_not_applicable_where_it_is_gone() -> None:
    """From 4.12 on."""
    assert told("tw-recycle", machine())[0].status is Status.NOT_APPLICABLE
    old = facts_with(release=Release(3, 10))(machine())
    assert told("tw-recycle", old)[0].status is Status.NOT_APPLICABLE


def test_a_long_fin_wait_is_found_like_a_short_one() -> None:
    """Both have a price."""
    for value in ("3", "600"):
        outcome = told("fin-timeout", sysctl({"tcp_fin_timeout": value})(machine()))[0]
        assert outcome.severity is Severity.LOW
        assert outcome.status is Status.FINDING
