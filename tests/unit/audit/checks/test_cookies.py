"""Cookies are judged with what they need."""

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.cookies import CHECKS
from floodwall.audit.facts import Facts, Unread
from tests.support.audit import SYNPROXY, both, container, facts_with, line, lines, machine, sysctl


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_a_kernel_without_cookies_is_critical() -> None:
    """No such sysctl is no excuse."""
    (outcome,) = told("syncookies", sysctl({"tcp_syncookies": None})(machine()))
    assert (outcome.status, outcome.severity) == (Status.FINDING, Severity.CRITICAL)
    assert "CONFIG_SYN_COOKIES" in outcome.fix


def test_two_is_right_with_synproxy_wrong_without_and_open_when_unseen() -> None:
    """Baselines that demand 1 are wrong there."""
    two = sysctl({"tcp_syncookies": "2"})
    assert told("syncookies", both(two, facts_with(rules=SYNPROXY))(machine()))[0].status == "pass"
    (alone,) = told("syncookies", two(machine()))
    assert (alone.status, alone.severity) == (Status.FINDING, Severity.LOW)
    unseen = told("syncookies", both(two, facts_with(rules=Unread("no root")))(machine()))[0]
    assert "could not be seen" in unseen.text


def test_a_container_with_cookies_off_is_found_by_name() -> None:
    """Its sysctls are its own."""
    outcomes = told("syncookies", container(tcp_syncookies="0")(machine()))
    assert [each.subject for each in outcomes if each.status is Status.FINDING] == ["web"]


def test_forwarding_without_translation_is_a_lesser_finding() -> None:
    """Perhaps nothing behind it listens."""
    (outcome,) = told("cookies-behind", sysctl({"ip_forward": "1"})(machine()))
    assert (outcome.status, outcome.severity) == (Status.FINDING, Severity.LOW)


def test_a_router_of_ipv6_alone_is_a_router() -> None:
    """A flood of those behind it comes over IPv6 as well."""
    facts = sysctl({"net.ipv6.conf.all.forwarding": "1"})(machine())
    assert told("cookies-behind", facts)[0].status is Status.FINDING


def test_the_file_that_switches_cookies_off_is_named() -> None:
    """By its line."""
    name = "net.ipv4.tcp_syncookies"
    (outcome,) = told("cookies-at-boot", lines(winners={name: line(name, "0")})(machine()))
    assert outcome.subject == "/etc/sysctl.d/90-hardening.conf:3"
    on = told("cookies-at-boot", lines(winners={name: line(name, "1")})(machine()))[0]
    assert on.status is Status.PASS


def test_the_options_that_are_off_are_named() -> None:
    """And only they are switched on."""
    (outcome,) = told("tcp-options", sysctl({"tcp_window_scaling": "0"})(machine()))
    assert outcome.fix == "sysctl -w net.ipv4.tcp_window_scaling=1"
