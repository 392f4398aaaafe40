"""Backlogs and processes are read from what ss prints, in its forms of old and of today."""

from ipaddress import IPv4Address

import pytest

from floodwall.core.model import Endpoint
from floodwall.doctor.sample import Socket, Sockets
from floodwall.doctor.told_by_ss import Told, improved, told_by_ss
from floodwall.sense.processes import Owner

LINES = """\
State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      511          0.0.0.0:80        0.0.0.0:*    \
users:(("nginx",pid=7,fd=6),("nginx",pid=6,fd=6)) ino:100 sk:1 cgroup:/x <->
LISTEN 0      5               [::]:8080         [::]:*    ino:101 sk:2 v6only:1 <->
LISTEN     0      128                      *:22                       *:*      \
users:(("sshd",42,3)) ino:102 sk:ffff88
"""


def test_each_listener_is_known_by_its_inode() -> None:
    """With the process, if root asked."""
    assert told_by_ss(LINES) == {
        100: Told(511, Owner("nginx", 7)),
        101: Told(5, None),
        102: Told(128, Owner("sshd", 42)),
    }


@pytest.mark.parametrize(
    "line",
    [
        "LISTEN 0 511 0.0.0.0:80 0.0.0.0:*",
        "LISTEN 0 99999999999 0.0.0.0:80 0.0.0.0:* ino:1",
        "LISTEN 0 x 0.0.0.0:80 0.0.0.0:* ino:1",
        "ESTAB 0 0 0.0.0.0:80 0.0.0.0:* ino:1",
        "ino:1",
        "",
    ],
)
def test_other_lines_say_nothing(line: str) -> None:
    """Whatever was printed there."""
    assert told_by_ss(line) == {}


def test_only_what_is_told_is_improved() -> None:
    """The rest stays unknown."""
    place = Endpoint(IPv4Address("10.0.0.1"), 80)
    sockets = Sockets((Socket(place, 0, None, 3, 101), Socket(place, 0, None, 0, 9)))
    better = improved(sockets, told_by_ss(LINES))
    assert better is not None
    assert [(one.backlog, one.waiting) for one in better.listening] == [(5, 3), (None, 0)]
    assert improved(None, {}) is None
