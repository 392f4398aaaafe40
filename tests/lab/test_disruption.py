"""Connections that are open live through everything that is done to their defence, under flood.

Each thing is done twenty times: settings reloaded, services armed and calmed, the daemon killed
and started again, Floodwall taken off and put on.
"""

import os
import signal
import time
from collections.abc import Callable

import pytest

from floodwall.kernel import _abi as abi
from floodwall.lab.addresses import Family
from floodwall.lab.defence import service_of
from floodwall.lab.nginx import nginx
from floodwall.lab.sink import sink
from floodwall.lab.topology import Options, topology
from tests.support.siege import Scene, playing, start

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(240)]

TIMES = 20


def reload_settings(scene: Scene) -> None:
    """Have the settings read again by SIGHUP."""
    os.kill(scene.daemon.pid, signal.SIGHUP)
    time.sleep(0.1)  # a reload is done between two ticks


def arm_and_calm(scene: Scene) -> None:
    """Arm and calm by the limits, faster than any flood could."""
    with scene.daemon.tables() as tables:
        numbers = {service_of(tables, family) for family in Family} - {None}
        before = {number: tables.limits(number) for number in numbers if number is not None}
        for mode in (abi.Mode.ARMED, abi.Mode.AUTO):
            for number, limits in before.items():
                changed = abi.Limits.from_buffer_copy(bytes(limits))
                changed.mode = mode
                tables.set_limits(number, changed)
            time.sleep(0.1)  # packets pass in this mode


def kill_and_start(scene: Scene) -> None:
    """Kill the daemon as the kernel does when memory runs out, and start another."""
    scene.daemon.kill()
    scene.daemon.stop()
    scene.restart()


def take_off_and_put_on(scene: Scene) -> None:
    """End it as Ctrl-C does, and start it anew."""
    scene.daemon.stop()
    scene.restart()


@pytest.mark.parametrize(
    ("disrupt", "seconds"),
    [
        (reload_settings, 10.0),
        (arm_and_calm, 15.0),
        (kill_and_start, 45.0),
        (take_off_and_put_on, 60.0),
    ],
)
def test_open_connections_never_notice(disrupt: Callable[[Scene], None], seconds: float) -> None:
    """No reset, and no silence over a second, in transfers and while somebody types."""
    with topology(Options()) as lab, sink(lab.router, lab.server_line.router_end):
        lab.server.write_sysctl("ipv4.tcp_syncookies", 1)
        with nginx(lab.server, lab.server_cpu), playing(lab, seconds) as reports:
            began_ns = time.monotonic_ns()
            scene = Scene(lab, start(lab))
            try:
                for _ in range(TIMES):
                    disrupt(scene)
                elapsed_ns = time.monotonic_ns() - began_ns
            finally:
                scene.daemon.stop()
            sessions = [one for report in reports() for one in report.long_lived]

    assert elapsed_ns < seconds * 1e9, "the connections were watched for too short a time"
    assert len(sessions) == 12
    assert [session.resets for session in sessions] == [0] * 12
    assert [session.stalls for session in sessions] == [0] * 12
    assert all(session.received_bytes for session in sessions)
