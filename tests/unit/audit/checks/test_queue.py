"""Queues are judged by what the kernel makes of three numbers."""

from dataclasses import replace

from floodwall.audit.check import Outcome, Status
from floodwall.audit.checks.queue import CHECKS
from floodwall.audit.facts import Facts, Listening, Release
from tests.support.audit import WEB, both, facts_with, listening, machine, sysctl


def told(check_id: str, facts: Facts) -> tuple[Outcome, ...]:
    """Return what one check says."""
    return next(check for check in CHECKS if check.id == check_id).run(facts)


def test_the_process_with_a_short_backlog_is_named_with_its_setting() -> None:
    """As whoever must change it calls it; loopback is left alone."""
    facts = listening(replace(WEB, backlog=5), Listening("127.0.0.1", 53, 1, "named"))(machine())
    (outcome,) = told("listener-backlog", facts)
    assert outcome.subject == "0.0.0.0:443 nginx"
    assert outcome.fix.startswith("nginx: listen 80 backlog=4096")


def test_the_arithmetic_of_the_breaking_flood_is_told() -> None:
    """Whatever the sysctl says, nginx has 511 places."""
    change = both(
        listening(replace(WEB, backlog=511)),
        sysctl({"tcp_syncookies": "0", "tcp_synack_retries": "5"}),
    )
    (outcome,) = told("half-open-room", change(machine()))
    assert "511 entries / 63 s = 8.11 SYN/s" in outcome.text
    assert "the backlog of listen()" in outcome.text


def test_the_sysctl_that_everybody_raises_counts_on_old_kernels() -> None:
    """Before 4.4 it cut the queue, cookies or not."""
    small = sysctl({"tcp_max_syn_backlog": "1024"})
    new = told("syn-backlog", small(machine()))[0]
    old = told("syn-backlog", both(small, facts_with(release=Release(3, 10)))(machine()))[0]
    assert (new.status, old.status) == (Status.PASS, Status.FINDING)
    assert "not looked at" in new.text


def test_somaxconn_names_whom_it_cuts() -> None:
    """Those whose backlog is just as long."""
    facts = both(sysctl({"somaxconn": "128"}), listening(replace(WEB, backlog=128)))(machine())
    assert "0.0.0.0:443 nginx" in told("somaxconn", facts)[0].text
    lone = both(sysctl({"somaxconn": "128"}), listening())(machine())
    assert "most that any" in told("somaxconn", lone)[0].text


def test_memory_for_queues_is_a_sum() -> None:
    """Places by bytes."""
    (outcome,) = told("queue-memory", listening(WEB)(machine()))
    assert outcome.text.startswith("4096 places x 320 bytes = 1.3 MB of 17180 MB")
