"""Ten million forged sources: nobody is banned, and the daemon neither grows nor works for it.

The data plane answers them; what the daemon keeps of a source is bounded.
"""

import time

import pytest

from floodwall.kernel._abi import Reason
from floodwall.lab.addresses import Family
from floodwall.lab.banned import banned
from floodwall.lab.flood import Engine, Flood, Sources
from floodwall.lab.nginx import nginx
from floodwall.lab.sink import sink
from floodwall.lab.topology import Options, topology
from floodwall.lab.wait import until
from tests.support.siege import attacker, start
from tests.support.usage import usage

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(180)]

SOURCES = 10_000_000
SENT = 12_000_000  # drawn of 2^30 addresses, of which 0.6 % come twice; and a queue may overflow
RATE_PPS = 600_000.0
SECONDS = 60.0
WARM_SECONDS = 4
GROWTH_KIB = 32 * 1024
CPU_SHARE = 0.25


@pytest.mark.parametrize("family", Family)
def test_ten_million_sources_leave_no_trace(family: Family) -> None:
    """No ban; at most 32 MiB more, and at most a quarter of one core."""
    flood = Flood(Sources.RANDOM, RATE_PPS, family)
    with topology(Options()) as lab, sink(lab.router, lab.server_line.router_end):
        lab.server.write_sysctl("ipv4.tcp_syncookies", 1)
        with nginx(lab.server, lab.server_cpu), attacker(lab, flood, SECONDS, SENT) as sender:
            daemon = start(lab)
            try:
                seconds = '"kind": "second"'
                assert until(lambda: daemon.told().count(seconds) >= WARM_SECONDS, 20.0)
                before = usage(daemon.pid)
                sender.go(time.monotonic_ns())
                report = sender.report(SECONDS + 10.0)
                after = usage(daemon.pid)
                with daemon.tables() as tables:
                    bans = banned(tables)
                    challenged = tables.reasons()[Reason.CHALLENGE_FLOOD]
                told = daemon.told()
            finally:
                daemon.stop()

    assert flood.engine is Engine.FAST  # the exact one would send the same sources again
    assert report.sent == SENT
    assert challenged >= SOURCES * 1.01
    assert '"spoofed_flood"' in told
    assert bans == []
    assert after.resident_kib - before.resident_kib <= GROWTH_KIB, (before, after)
    assert (after.cpu_s - before.cpu_s) / (after.at_s - before.at_s) <= CPU_SHARE, (before, after)
