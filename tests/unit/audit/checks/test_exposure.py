"""What is public is named, and what falls with it."""

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.exposure import CHECKS
from floodwall.audit.facts import Facts, Listening, Scope, Unread
from tests.support.audit import BASE, WEB, container, facts_with, listening, machine


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_a_database_for_everybody_is_found_and_one_on_loopback_not() -> None:
    """By name of the service."""
    listeners = (Listening("0.0.0.0", 3306, 80, "mysqld"), Listening("127.0.0.1", 6379, 511))
    (outcome,) = told("needless-listeners", listening(*listeners)(machine()))
    assert outcome.subject == "0.0.0.0:3306 mysqld"
    assert outcome.fix == "bind mysqld to 127.0.0.1, or to the address of the peers"
    assert (outcome.status, outcome.severity) == (Status.FINDING, Severity.HIGH)


def test_one_program_on_two_ports_is_one_service() -> None:
    """Nginx on 80 and 443; SSH is no service of the public."""
    same = listening(WEB, Listening("::", 80, 511, "nginx"), Listening("::", 22, 128, "sshd"))
    assert told("shared-address", same(machine()))[0].text == "one service: nginx"


def test_a_container_that_is_weaker_is_told_with_both_values() -> None:
    """A stronger one is not."""
    (outcome,) = told("namespaces", container(somaxconn="128")(machine()))
    assert outcome.text == "net.core.somaxconn is 128 (here 4096)"
    assert told("namespaces", container(somaxconn="9999")(machine()))[0].status is Status.PASS


def test_namespaces_that_cannot_be_seen_are_said_so() -> None:
    """Or their listeners."""
    assert told("namespaces", facts_with(others=Unread("no root"))(machine()))[0].text == "no root"
    hidden = (Scope("web", dict(BASE), Unread("denied")),)
    facts = facts_with(others=hidden)(machine())
    assert told("namespaces", facts)[0].status is Status.UNREADABLE
