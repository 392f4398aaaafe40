"""SYN floods among the doctor's findings."""

from dataclasses import replace

import pytest

from floodwall.core.diagnosis.ailment import Ailment, Finding, Severity
from floodwall.core.diagnosis.flood import find_floods, flood_rate
from floodwall.core.diagnosis.symptoms import Hint, Symptoms
from floodwall.core.model import StackLimits
from tests.support.symptoms import SILENT, flooded, machine, moved, web


def only(seen: Symptoms) -> Finding:
    """Return the one finding."""
    (finding,) = find_floods(seen)
    return finding


def test_young_entries_are_a_crowd() -> None:
    """Whoever is real answers within a second, however many they are."""
    assert list(find_floods(machine(web(half_open=400, stale=20)))) == []
    assert list(find_floods(machine(web(half_open=400, stale=200)))) != []


def test_a_few_entries_are_nothing() -> None:
    """Of a queue of 8, some clients on bad links fill half."""
    tiny = web(capacity=8, backlog=8, half_open=7, stale=7)

    assert list(find_floods(machine(tiny))) == []


@pytest.mark.parametrize(
    ("half_open", "cookies", "canary", "severity", "said"),
    [
        (300, 0, None, Severity.CRITICAL, "and cookies are off: it fills"),
        (511, 0, None, Severity.CRITICAL, "its queue is full and cookies are off"),
        (511, 1, None, Severity.WARNING, "the kernel's cookies let clients in"),
        (511, 1, SILENT, Severity.CRITICAL, "the kernel's cookies are not enough"),
    ],
)
def test_the_severity_is_what_users_feel(
    half_open: int, cookies: int, canary: object, severity: Severity, said: str
) -> None:
    """Full without cookies, or our own connection lost: nobody gets in."""
    finding = only(machine(flooded(half_open=half_open, canary=canary), cookies=cookies))

    assert finding.severity is severity
    assert said in finding.summary


def test_without_sysctls_nothing_is_said_of_cookies() -> None:
    """What could not be read is not guessed."""
    finding = only(machine(flooded(), stack=None))

    assert "cookies" not in finding.summary
    assert [remedy.command for remedy in finding.remedies] == ["floodwall run"]


def test_lost_cookies_show_a_queue_that_is_short() -> None:
    """With a queue of a few places counters see more than its entries."""
    sent = moved(TcpExtSyncookiesSent=5000, TcpExtSyncookiesRecv=4)
    short = web(capacity=None, backlog=None, half_open=9, stale=2)

    assert only(machine(short, web(), moved=sent)).service == "*:80 nginx"
    assert only(machine(web(), moved=sent)).summary.endswith("which one cannot be seen")


def test_without_sockets_counters_tell() -> None:
    """Cookies that never come back, or SYNs dropped for a full queue."""
    lost = machine(services=None, moved=moved(TcpExtSyncookiesSent=500))
    full = machine(
        services=None, moved=moved(TcpExtTCPReqQFullDrop=500, TcpExtListenDrops=500), cookies=0
    )

    assert only(lost).severity is Severity.WARNING
    assert only(full).severity is Severity.CRITICAL
    assert list(find_floods(machine(services=None))) == []


def test_cookies_that_come_back_are_a_crowd() -> None:
    """Unless they are sent always."""
    back = moved(TcpExtSyncookiesSent=500, TcpExtSyncookiesRecv=480)

    assert only(machine(moved=back)).ailment is Ailment.FLASH_CROWD
    assert list(find_floods(machine(moved=back, cookies=2))) == []


def test_the_rate_adds_up_what_found_no_place() -> None:
    """Dropped, answered by a lost cookie, or newly waiting; full accept queues apart."""
    counted = moved(
        TcpExtListenDrops=700,
        TcpExtListenOverflows=100,
        TcpExtSyncookiesSent=300,
        TcpExtSyncookiesRecv=50,
    )

    assert flood_rate(machine(web(gained=150), moved=counted)) == 500


def test_on_proc_alone_drops_tell_that_a_queue_is_full() -> None:
    """The backlog is not known there."""
    seen = machine(
        flooded(capacity=None, backlog=None), cookies=0, moved=moved(TcpExtListenDrops=400)
    )

    slow = moved(TcpExtListenDrops=400, TcpExtListenOverflows=390)

    assert "its queue is full" in only(seen).summary
    assert "it fills" in only(replace(seen, moved=slow)).summary


def test_the_kernels_log_is_evidence() -> None:
    """The newest line about this port."""
    hints = (Hint(3, "syn_flooding", 443), Hint(5, "syn_flooding", 80))
    said = {one.name: one.text for one in only(machine(flooded(), hints=hints)).evidence}

    assert said["kernel_log"] == "the kernel's log said SYN flooding on this port 5 s ago"


def test_a_daemon_that_runs_is_asked_first() -> None:
    """It need not be started again; retries that are low already stay."""
    low = StackLimits(tcp_synack_retries=2)
    finding = only(machine(flooded(), guarded=True, stack=low))

    assert [remedy.command for remedy in finding.remedies] == ["floodwall status"]
