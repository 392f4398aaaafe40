"""Dumps of sockets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.evidence import Format, SocketSnapshot
from floodwall.forensics.sockets.tables import read_tables

NETSTAT = """Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        3      0 0.0.0.0:80              0.0.0.0:*               LISTEN
tcp        0      0 192.0.2.1:80            203.0.113.7:4000        SYN_RECV    -
tcp6       0      0 2001:db8::1:80          2001:db8::7:4001        SYN_RECV
tcp        0      0 192.0.2.1:22            203.0.113.7:4000        ESTABLISHED 77/sshd
udp        0      0 0.0.0.0:68              0.0.0.0:*
"""
BSD = """Active Internet connections (including servers)
Proto Recv-Q Send-Q Local Address          Foreign Address        (state)
tcp4       0      0 192.0.2.1.80           203.0.113.7.4000       SYN_RCVD
tcp4       0      0 192.0.2.1.80           203.0.113.8.4000       SYN_RCVD
tcp4       0      0 *.80                   *.*                    LISTEN
tcp4       0      0 192.0.2.1.22           203.0.113.8.4000       ESTABLISHED
"""
WINDOWS = """Active Connections

  Proto  Local Address          Foreign Address        State
  TCP    192.0.2.1:80           203.0.113.7:4000       SYN_RECEIVED
  TCP    192.0.2.1:80           203.0.113.8:4000       SYN_RECEIVED
  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING
  TCP    192.0.2.1:22           203.0.113.8:4000       ESTABLISHED
"""
SS = """State    Recv-Q Send-Q    Local Address:Port   Peer Address:Port
LISTEN   3      128       *:80                 *:*
SYN-RECV 0      0         192.0.2.1:80         203.0.113.7:4000
SYN-RECV 0      0         [::ffff:192.0.2.1]:80 [::ffff:203.0.113.8]:4000
ESTAB    0      0         192.0.2.1:22         203.0.113.8:4000  timer:(on,976ms,0)
"""
PROC = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt
   0: 00000000:0050 00000000:0000 0A 00000000:00000003 00:00000000 00000000
   1: 010200C0:0050 077100CB:0FA0 03 00000000:00000000 01:00000015 00000000
   2: 010200C0:0050 087100CB:0FA0 03 00000000:00000000 01:00000015 00000000
   3: 010200C0:0016 087100CB:0FA0 01 00000000:00000000 01:00000015 00000000
"""


def read(text: str, form: Format) -> list[SocketSnapshot]:
    """Read a dump."""
    return list(read_tables(iter(text.encode().splitlines()), form))


@pytest.mark.parametrize(
    ("text", "form", "waiting", "backlog"),
    [
        (NETSTAT, Format.NETSTAT, 3, 0),
        (BSD, Format.NETSTAT, 0, 0),
        (WINDOWS, Format.NETSTAT, 0, 0),
        (SS, Format.SS, 3, 128),
        (PROC, Format.PROC_NET_TCP, 3, 0),
    ],
)
def test_every_table_tells_the_same(text: str, form: Format, waiting: int, backlog: int) -> None:
    """Two half-open requests, one listener, one connection."""
    (snapshot,) = read(text, form)
    assert dict(snapshot.states) == {"SYN_RECV": 2, "LISTEN": 1, "ESTABLISHED": 1}
    assert snapshot.half_open["port"].tolist() == [80, 80]
    assert 4_000 in snapshot.half_open["source_port"]
    (listener,) = snapshot.listeners
    assert (listener.port, listener.waiting, listener.backlog) == (80, waiting, backlog)


def test_each_head_begins_a_snapshot() -> None:
    """As `while true; do ss -tan; sleep 1; done` writes them."""
    assert len(read(SS * 3, Format.SS)) == 3


@given(
    st.sampled_from([Format.NETSTAT, Format.SS, Format.PROC_NET_TCP]),
    st.lists(st.sampled_from([NETSTAT, SS, PROC, "\x00", "tcp 1 ", "9" * 40, " ", "\n"]).flatmap(
        lambda text: st.integers(0, len(text)).map(lambda cut: text[cut:])), max_size=9),
)  # fmt: skip
def test_mangled_tables_are_read(form: Format, pieces: list[str]) -> None:
    """Without an error."""
    read("".join(pieces), form)
