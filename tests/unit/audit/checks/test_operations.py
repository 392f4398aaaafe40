"""What must be ready before the telephone rings."""

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.operations import CHECKS
from floodwall.audit.facts import Facts, Unread
from tests.support.audit import machine, site, sysctl


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_the_log_is_blind_with_two_and_said_so() -> None:
    """And slow with a high message cost."""
    (two,) = told("log-blindness", sysctl({"tcp_syncookies": "2"})(machine()))
    assert (two.status, two.severity) == (Status.FINDING, Severity.LOW)
    (slow,) = told("log-blindness", sysctl({"message_cost": "60"})(machine()))
    assert slow.severity is Severity.INFO
    (off,) = told("log-blindness", sysctl({"tcp_syncookies": "0"})(machine()))
    assert "Dropping request" in off.text


def test_what_is_there_is_shown() -> None:
    """The operator sees whether it is still right."""
    assert told("provider-contact", machine())[0].text == "Example Net"
    assert told("clock", machine())[0].text == "kept by chronyd"
    assert told("management", machine())[0].text == "/dev/ipmi0"
    assert told("rehearsal", machine())[0].text == "last at 2026-05-01T10:00:00Z"


def test_a_file_that_is_denied_is_not_taken_for_missing() -> None:
    """Only root may read it, perhaps."""
    facts = site(contact=Unread("permission denied"))(machine())
    assert told("provider-contact", facts)[0].status is Status.UNREADABLE
