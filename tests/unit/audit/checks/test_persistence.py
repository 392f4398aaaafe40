"""A reboot must change nothing."""

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.persistence import CHECKS
from floodwall.audit.facts import Facts
from tests.support.audit import line, lines, machine, sysctl


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_a_value_of_an_attack_that_is_in_no_file_is_found() -> None:
    """Back to the kernel's default after the next boot."""
    facts = sysctl({"tcp_synack_retries": "2"})(lines()(machine()))
    found = {each.subject: each.text for each in told("boot-values", facts)}
    name = "net.ipv4.tcp_synack_retries"
    assert found[name].startswith("2 now, 5 after the next boot (no file sets it")


def test_the_place_that_wins_is_named() -> None:
    """Of several files."""
    name = "net.core.somaxconn"
    facts = lines(
        winners={name: line(name, "4096", "/usr/lib/sysctl.d/50-b.conf")},
        overruled=(line(name, "128", "/etc/sysctl.d/10-a.conf"),),
    )(machine())
    (outcome,) = told("overruled-lines", facts)
    assert outcome.subject == "/etc/sysctl.d/10-a.conf:3"
    assert outcome.text.endswith("is overruled by /usr/lib/sysctl.d/50-b.conf:3 with 4096")
    assert (outcome.status, outcome.severity) == (Status.FINDING, Severity.LOW)


def test_what_others_set_for_themselves_is_left_alone() -> None:
    """Only sysctls of this checklist are compared."""
    odd = line("net.odd", "1")
    facts = lines(winners={"net.odd": line("net.odd", "2")}, overruled=(odd,))(machine())
    assert told("overruled-lines", facts)[0].status is Status.PASS
