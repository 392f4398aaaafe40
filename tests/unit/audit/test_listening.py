"""Listening sockets are read from ss of all ages, and from /proc/net/tcp."""

import sys

import pytest

from floodwall.audit.facts import Listening
from floodwall.audit.listening import listening, listening_in_proc

SS = """\
State   Recv-Q  Send-Q   Local Address:Port    Peer Address:Port  Process
LISTEN  3       511            0.0.0.0:80           0.0.0.0:*      users:(("nginx",pid=7,fd=6))
LISTEN  0       128               [::]:22              [::]:*
LISTEN  0       5         127.0.0.1%lo:53           0.0.0.0:*      users:(("named",9,fd=1))
LISTEN  0       128                 :::443               :::*
LISTEN  0       128                 *:25                 *:*
ESTAB   0       0            192.0.2.1:22      198.51.100.1:5
"""


def test_ss_tells_address_port_backlog_and_process() -> None:
    """With brackets or without, with pid= or without."""
    assert listening(SS) == (
        Listening("0.0.0.0", 80, 511, "nginx", 7, 3),
        Listening("::", 22, 128),
        Listening("127.0.0.1", 53, 5, "named", 9),
        Listening("::", 443, 128),
        Listening("*", 25, 128),
    )


@pytest.mark.skipif(sys.byteorder != "little", reason="addresses are in the order of the machine")
def test_proc_tells_address_and_port() -> None:
    """Of sockets in state 0A."""
    text = (
        "  sl  local_address rem_address   st tx_queue rx_queue\n"
        "   0: 0100007F:0050 00000000:0000 0A 00000000:00000002 00:00000000\n"
        "   1: 0100007F:0051 0100007F:9999 01 00000000:00000000 00:00000000\n"
        "   2: 00000000000000000000000001000000:0016 0:0000 0A 00000000:00000000\n"
    )
    found = list(listening_in_proc(text))
    assert found == [Listening("127.0.0.1", 80, waiting=2), Listening("::1", 22)]
