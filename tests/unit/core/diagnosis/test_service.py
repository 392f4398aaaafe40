"""Single listeners among the doctor's findings."""

from floodwall.core.diagnosis.ailment import Finding, Severity
from floodwall.core.diagnosis.service import (
    find_connection_flood,
    find_shut,
    find_slow_application,
    sureness,
)
from tests.support.symptoms import OPEN, SILENT, machine, moved, peer, web


def names(finding: Finding | None) -> set[str]:
    """Return the names of the evidence."""
    assert finding is not None
    return {one.name for one in finding.evidence}


def test_a_queue_that_is_full_once_is_a_burst() -> None:
    """It must have been full before, or refuse somebody."""
    burst = web(waiting=511, waited=0)

    assert find_slow_application(burst, machine(burst)) is None
    assert find_slow_application(web(waiting=511, waited=511), machine()) is not None
    refused = machine(moved=moved(TcpExtListenOverflows=3))
    assert names(find_slow_application(burst, refused)) >= {"listen_overflows", "process_cpu"}
    assert find_slow_application(web(waiting=511, canary=SILENT), machine()) is not None


def test_on_proc_alone_a_queue_is_full_if_it_stands_and_somebody_is_refused() -> None:
    """The backlog is what waits, less one; no more than a guess."""
    hangs = web(backlog=None, capacity=None, waiting=6, waited=6, silent=None)
    refused = machine(moved=moved(TcpExtListenOverflows=3))
    finding = find_slow_application(hangs, refused)

    assert finding is not None
    assert finding.confidence == 0.6
    assert "its backlog is 5 (as it looks: /proc does not tell)" in finding.evidence[0].text
    assert find_slow_application(hangs, machine()) is None


def test_a_known_server_gets_its_own_line() -> None:
    """With the sysctl, where that is below."""
    queue = web(waiting=5000, waited=5000, backlog=4096, capacity=4096)
    finding = find_slow_application(queue, machine(queue))

    assert finding is not None
    assert finding.remedies[-1].command == (
        "# raise its backlog of 4096 to `listen 80 backlog=8192;` in its settings, "
        "after sysctl -w net.core.somaxconn=8192, and restart it"
    )


def test_an_unknown_process_is_to_be_found_out() -> None:
    """Without root nobody knows whose socket it is."""
    queue = web(waiting=511, waited=511, process="", pid=None, cpu_s=None)
    finding = find_slow_application(queue, machine(queue))

    assert finding is not None
    assert finding.remedies[0].command == "ss -ltnp '( sport = :80 )'"
    assert "process_cpu" not in names(finding)


def test_silent_connections_that_wait_to_be_accepted_do_not_count() -> None:
    """They may wait for a banner; those beyond do."""
    slow = web(established=512, silent=512, opened=0, waiting=512, waited=512)
    held = web(established=900, silent=900, opened=0, waiting=512, waited=512)

    assert find_connection_flood(slow, machine(slow)) is None
    finding = find_connection_flood(held, machine(held))
    assert finding is not None
    assert finding.severity is Severity.CRITICAL


def test_a_quarter_is_enough_if_it_fills_the_queue() -> None:
    """A few silent ones among many that speak are usual."""
    many = web(established=2000, silent=700, opened=0)
    few = web(established=2000, silent=300, opened=0)
    drops = web(established=10_000, silent=700, opened=0)

    assert find_connection_flood(many, machine(many)) is not None
    assert find_connection_flood(few, machine(few)) is None
    assert find_connection_flood(drops, machine(drops)) is None


def test_on_proc_alone_few_sources_that_hold_most_are_suspect() -> None:
    """Whether they speak is not known: no surer than a guess; many sources are a crowd."""
    few = web(silent=None, established=100, peers=(peer("192.0.2.7", 60), peer("192.0.2.8", 35)))
    many = web(silent=None, established=900, peers=(peer("192.0.2.7", 70), peer("192.0.2.8", 35)))
    light = web(
        silent=None,
        established=90,
        peers=tuple(peer(f"192.0.2.{last}", 10) for last in range(1, 9)),
    )
    finding = find_connection_flood(few, machine(few))

    assert find_connection_flood(light, machine(light)) is None
    assert finding is not None
    assert (finding.confidence, "held_by_few" in names(finding)) == (0.6, True)
    assert find_connection_flood(many, machine(many)) is None


def test_a_door_that_opens_or_was_not_tried_is_no_finding() -> None:
    """Only one that stays shut."""
    assert find_shut(web(canary=OPEN), machine()) is None
    assert find_shut(web(canary=None), machine()) is None
    assert names(find_shut(web(canary=SILENT, cpu_s=0.0), machine())) == {
        "local_connection",
        "process_cpu",
    }


def test_without_rules_no_rule_is_blamed() -> None:
    """Where it is known that there are none; else a rule is the likeliest."""
    clear = find_shut(web(canary=SILENT), machine(firewall=False))
    unknown = find_shut(web(canary=SILENT), machine())

    assert clear is not None
    assert unknown is not None
    assert clear.summary.endswith("and no firewall rules are here")
    assert clear.remedies[0].command.startswith("ss -ltnp '( sport = :80 )'")
    assert unknown.summary.endswith("a firewall rule of this machine, most likely")


def test_a_process_that_runs_and_is_idle_is_said_to_be() -> None:
    """Nobody reaches it."""
    finding = find_shut(web(canary=SILENT, cpu_s=0.0), machine())

    assert finding is not None
    assert finding.evidence[-1].text == "nginx (pid 700) runs, and is idle"


def test_sureness_begins_at_one_half() -> None:
    """And is never certainty."""
    assert (sureness(0.2), sureness(1.0), sureness(9.0), sureness(1e9)) == (0.5, 0.5, 0.9, 0.99)
