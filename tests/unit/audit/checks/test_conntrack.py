"""Connection tracking is judged with the rules that use it."""

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.conntrack import CHECKS
from floodwall.audit.facts import Facts, Unread
from tests.support.audit import STATEFUL, SYNPROXY, both, facts_with, machine, sysctl


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_a_small_table_matters_only_to_stateful_rules() -> None:
    """The rate that fills it is told."""
    small = sysctl({"nf_conntrack_max": "4096"})
    (outcome,) = told("conntrack-size", both(small, facts_with(rules=STATEFUL))(machine()))
    assert outcome.status is Status.FINDING
    assert "4096 / 60 s = 68 SYN/s fill it" in outcome.text


def test_no_connection_tracking_is_not_applicable() -> None:
    """The module is not loaded."""
    facts = sysctl({"nf_conntrack_max": None})(machine())
    assert told("conntrack-size", facts)[0].status is Status.NOT_APPLICABLE


def test_loose_is_wrong_with_synproxy_and_right_without() -> None:
    """And not judged where the rules cannot be seen."""
    (found,) = told("conntrack-loose", facts_with(rules=SYNPROXY)(machine()))
    assert found.fix == "sysctl -w net.netfilter.nf_conntrack_tcp_loose=0"
    unseen = told("conntrack-loose", facts_with(rules=Unread("no root"))(machine()))
    assert unseen[0].status is Status.UNREADABLE
    strict = sysctl({"nf_conntrack_tcp_loose": "0"})(machine())
    assert told("conntrack-loose", strict)[0].status is Status.PASS


def test_notrack_in_front_is_well() -> None:
    """The old iptables spells it in capitals."""
    for rules in (STATEFUL + " notrack", "-A INPUT -m state --state NEW\n-j NOTRACK"):
        assert told("stateful-in-front", facts_with(rules=rules)(machine()))[0].status == "pass"


def test_the_old_rule_of_iptables_is_found() -> None:
    """New, but not SYN."""
    rules = "-A INPUT -p tcp ! --syn -m state --state NEW -j DROP"
    (outcome,) = told("syn-flag-rule", facts_with(rules=rules)(machine()))
    assert (outcome.status, outcome.severity) == (Status.FINDING, Severity.MEDIUM)
