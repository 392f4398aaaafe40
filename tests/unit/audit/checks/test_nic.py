"""Cards are judged by what a flood makes of them."""

from floodwall.audit.check import Outcome, Severity, Status
from floodwall.audit.checks.nic import CHECKS
from floodwall.audit.facts import Facts, Release
from tests.support.audit import CARD, both, card, facts_with, machine


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_a_virtual_machine_without_card_is_not_applicable() -> None:
    """A container has none."""
    for check_id in ("xdp-driver", "xdp-lro", "xdp-mtu", "receive-queues", "interrupt-spread"):
        assert told(check_id, card(driver="")(machine()))[0].status is Status.NOT_APPLICABLE
        assert told(check_id, card(up=False)(machine()))[0].status is Status.NOT_APPLICABLE


def test_what_ethtool_did_not_tell_is_unreadable() -> None:
    """Nor /proc/interrupts."""
    assert told("xdp-lro", card(lro=None)(machine()))[0].status is Status.UNREADABLE
    assert told("interrupt-spread", card(irq_cpus=None)(machine()))[0].status is Status.UNREADABLE


def test_a_large_mtu_is_well_where_packets_may_have_pages() -> None:
    """From 5.18 on."""
    assert told("xdp-mtu", card(mtu=9000)(machine()))[0].status is Status.PASS
    old = both(card(mtu=9000), facts_with(release=Release(5, 17)))(machine())
    assert told("xdp-mtu", old)[0].severity is Severity.LOW


def test_one_queue_is_well_with_rps_or_one_cpu() -> None:
    """The fix names the card and the CPUs."""
    (outcome,) = told("receive-queues", card(receive_queues=1)(machine()))
    assert outcome.fix.startswith("ethtool -L eth0 combined 8, or echo ff >")
    assert told("receive-queues", card(receive_queues=1, rps_cpus=7)(machine()))[0].status == "pass"
    single = both(card(receive_queues=1), facts_with(cpus=1))(machine())
    assert told("receive-queues", single)[0].status is Status.PASS
    assert CARD.irq_cpus == 8
