"""Counters of the stack."""

import socket

import pytest

from floodwall.core.signs import StackCounters
from floodwall.kernel import sysctl
from floodwall.sense.stack_counters import read_stack_counters


def test_counters_come_by_their_kernel_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both tables; what this kernel does not count is 0."""
    counted = {
        "TcpPassiveOpens": 1,
        "TcpOutRsts": 2,
        "TcpExtListenOverflows": 3,
        "TcpExtTCPReqQFullDrop": 4,
        "TcpExtTCPReqQFullDoCookies": 5,
        "TcpExtSyncookiesFailed": 6,
        "TcpExtTCPSynRetrans": 7,
        "IpExtInOctets": 8,
    }
    monkeypatch.setattr(sysctl, "counters", lambda: counted)

    assert read_stack_counters() == StackCounters(
        passive_opens=1,
        out_resets=2,
        listen_overflows=3,
        request_queue_drops=4,
        request_queue_cookies=5,
        cookies_failed=6,
        syn_retransmitted=7,
    )


def test_a_connection_is_counted_on_both_sides() -> None:
    """Read from this kernel: names that it does not know would stay 0."""
    before = read_stack_counters()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
    ):
        after = read_stack_counters()

    assert after.passive_opens > before.passive_opens
    assert after.active_opens > before.active_opens
