"""What the stack counted about handshakes, in /proc/net/snmp and /proc/net/netstat."""

from collections.abc import Mapping

from floodwall.core.signs import StackCounters
from floodwall.kernel import sysctl

_NAMES = {
    "passive_opens": "TcpPassiveOpens",
    "active_opens": "TcpActiveOpens",
    "attempt_fails": "TcpAttemptFails",
    "out_resets": "TcpOutRsts",
    "retransmitted": "TcpRetransSegs",
    "listen_overflows": "TcpExtListenOverflows",
    "listen_drops": "TcpExtListenDrops",
    "request_queue_drops": "TcpExtTCPReqQFullDrop",
    "request_queue_cookies": "TcpExtTCPReqQFullDoCookies",
    "cookies_sent": "TcpExtSyncookiesSent",
    "cookies_received": "TcpExtSyncookiesRecv",
    "cookies_failed": "TcpExtSyncookiesFailed",
    "syn_retransmitted": "TcpExtTCPSynRetrans",
}


def read_stack_counters() -> StackCounters:
    """Return the totals of this network namespace; nstat(8) calls them by the names above."""
    return _chosen(sysctl.counters())


def _chosen(counters: Mapping[str, int]) -> StackCounters:
    """Take those that speak of handshakes; a kernel without one of them has counted none."""
    return StackCounters(**{field: counters.get(name, 0) for field, name in _NAMES.items()})
