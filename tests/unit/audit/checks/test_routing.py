"""Routing drops what cannot come from there."""

from dataclasses import replace

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.routing import CHECKS
from floodwall.audit.facts import Facts
from tests.support.audit import CARD, both, facts_with, machine, sysctl


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_the_larger_of_all_and_interface_counts() -> None:
    """As the kernel does it."""
    facts = sysctl({"conf.all.rp_filter": "2", "conf.eth0.rp_filter": "0"})(machine())
    texts = {each.subject: each.text for each in told("reverse-path", facts)}
    assert texts == {"eth0": "2: loose", "eth1": "2: loose"}


def test_strict_on_a_router_with_two_ways_is_found() -> None:
    """Loose is advised there."""
    outcomes = told("reverse-path", sysctl({"ip_forward": "1"})(machine()))
    assert {each.severity for each in outcomes} == {Severity.LOW}
    assert outcomes[0].fix.endswith("rp_filter=2")
    assert outcomes[0].status is Status.FINDING


def test_a_card_that_is_down_is_no_finding() -> None:
    """Nothing comes in there."""
    change = both(
        sysctl({"conf.eth1.rp_filter": "0"}),
        facts_with(cards=(CARD, replace(CARD, name="eth1", up=False))),
    )
    assert [each.subject for each in told("reverse-path", change(machine()))] == ["eth0"]


def test_source_routes_need_both_switches() -> None:
    """All and the interface."""
    on = sysctl({"conf.all.accept_source_route": "1"})
    assert "eth0, eth1" in told("source-route", on(machine()))[0].text
    off = {"conf.eth0.accept_source_route": "0", "conf.eth1.accept_source_route": "0"}
    assert told("source-route", both(on, sysctl(off))(machine()))[0].status is Status.PASS
