"""Who works against the defence is named."""

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.fighters import CHECKS
from floodwall.audit.facts import Facts, Unread
from tests.support.audit import SYNPROXY, both, card, facts_with, line, lines, machine


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_a_program_that_tells_what_it_does_is_known_by_its_first_word() -> None:
    """As lfd does it."""
    facts = facts_with(
        processes=frozenset({"cilium-agent-of-node"[:12], "lfd - sleeping", "tuned"})
    )(machine())
    assert [each.subject for each in told("managers", facts)] == ["lfd", "cilium-agent"]
    assert [each.subject for each in told("tuners", facts)] == ["tuned"]


def test_the_baseline_that_contradicts_is_named_with_its_line() -> None:
    """As far as its file tells."""
    file = "/etc/sysctl.d/99-dev-sec.conf"
    (outcome,) = told(
        "contradicting-baseline", lines(lines=(line("tcp_timestamps", "0", file),))(machine())
    )
    assert outcome.subject == f"{file}:3"
    assert outcome.text.endswith("cookies lose window scale and SACK (by dev-sec)")
    assert (outcome.status, outcome.severity) == (Status.FINDING, Severity.MEDIUM)


def test_no_loose_tracking_is_right_with_synproxy_and_open_when_unseen() -> None:
    """It is held against nobody who may need it."""
    change = lines(lines=(line("nf_conntrack_tcp_loose", "0"),))
    for rules in (SYNPROXY, Unread("no root")):
        facts = both(change, facts_with(rules=rules))(machine())
        assert told("contradicting-baseline", facts)[0].status is Status.PASS


def test_a_foreign_program_is_named_with_its_interface() -> None:
    """One finding each."""
    (outcome,) = told("other-xdp", card(xdp="katran")(machine()))
    assert outcome.subject == "eth0"
    assert outcome.text.startswith("katran is attached")
