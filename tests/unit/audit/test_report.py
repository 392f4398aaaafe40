"""The report counts, scores and accepts."""

from floodwall.audit.baseline import Accepted, Baseline
from floodwall.audit.check import Severity, Status
from floodwall.audit.report import audit
from tests.support.audit import FAILING, blind, both, card, machine


def test_a_machine_that_is_well_has_a_hundred() -> None:
    """And no finding."""
    report = audit(machine())
    assert (report.score, report.findings(), report.kernel) == (100, [], "6.18.1")


def test_a_machine_of_which_nothing_is_known_has_no_score() -> None:
    """Neither good nor bad."""
    report = audit(blind())
    assert report.score is None
    assert report.findings() == []
    assert report.count(Status.UNREADABLE) > 40


def test_a_worse_finding_costs_more() -> None:
    """By the weight of its severity, and one check counts once."""
    critical = audit(FAILING["syncookies"](machine())).score
    low = audit(FAILING["clock"](machine())).score
    assert critical is not None
    assert low is not None
    assert critical < low < 100


def test_the_worst_finding_comes_first() -> None:
    """Whatever the order of the checks."""
    report = audit(both(FAILING["clock"], FAILING["syncookies"])(machine()))
    assert report.findings()[0].check.id == "syncookies"
    assert [each.check.id for each in report.findings(Severity.CRITICAL)] == ["syncookies"]


def test_an_accepted_finding_is_neither_counted_nor_hidden() -> None:
    """It is told with its reason, until it expires."""
    baseline = Baseline((Accepted("receive-queues", "eth0", "small machine", "2027-01-31"),))
    facts = card(receive_queues=1)(machine())
    report = audit(facts, baseline, "2026-06-01")
    assert report.findings() == []
    assert report.score == 100
    assert [each.accepted for each in report.accepted] == ["small machine"]
    later = audit(facts, baseline, "2027-06-01")
    assert [each.check.id for each in later.findings()] == ["receive-queues"]
    assert later.expired == ("receive-queues (eth0) until 2027-01-31",)
