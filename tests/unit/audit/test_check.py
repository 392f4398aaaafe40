"""A check says pass, finding, unreadable or not applicable, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace

from floodwall.audit.check import (
    Check,
    Judge,
    Outcome,
    Severity,
    Status,
    finding,
    in_each_namespace,
    passed,
    unreadable,
)
from floodwall.audit.facts import AbsentError, Facts, Scope, Unread, UnreadError
from tests.support.audit import WEB, machine


def check(judge: Judge) -> Check:
    """Return a check with a judgement."""
    return Check("x", "X", Severity.HIGH, ("net.a", "/b"), "1", "y", "z", "all", "do it", judge)


def test_a_finding_has_the_fix_and_severity_of_its_check() -> None:
    """Unless it brings its own."""
    ran = check(lambda _: [finding("bad"), finding("b", fix="f", severity=Severity.LOW)])
    first, second = ran.run(machine())
    assert (first.fix, first.severity) == ("do it", Severity.HIGH)
    assert (second.fix, second.severity) == ("f", Severity.LOW)


def test_what_is_unread_does_not_undo_what_was_judged() -> None:
    """The listener before it counts."""

    def judge(_: Facts) -> Iterator[Outcome]:
        yield passed("good")
        raise UnreadError("denied")

    assert [each.status for each in check(judge).run(machine())] == [Status.PASS, Status.UNREADABLE]


def test_what_is_absent_is_not_applicable() -> None:
    """So is a check that says nothing."""

    def judge(_: Facts) -> tuple[Outcome, ...]:
        raise AbsentError("no such thing")

    assert check(judge).run(machine())[0].text == "no such thing"
    assert check(lambda _: []).run(machine())[0].status is Status.NOT_APPLICABLE


def test_every_namespace_with_listeners_is_judged() -> None:
    """By its name; an idle one has nothing to lose."""
    deaf, old = Scope("deaf"), Scope("old", {}, (WEB,))
    web = Scope("web", {"net.a": "2"}, (WEB,))
    hidden = Scope("hidden", {"net.a": Unread("denied")}, (WEB,))
    facts = replace(machine(), here=Scope("", {"net.a": "1"}), others=(deaf, web, old, hidden))
    judged = in_each_namespace(lambda scope, _: [passed(scope.text("net.a"), "s")])(facts)
    assert list(judged) == [passed("1", "s"), passed("2", "web: s"), unreadable("denied", "hidden")]


def test_only_sysctls_have_three_columns() -> None:
    """Files and commands have none."""
    assert check(lambda _: []).sysctls == ("net.a",)
    assert Severity.CRITICAL.word == "critical"
