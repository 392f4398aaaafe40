"""Counters of the stack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.evidence import Format
from floodwall.forensics.sockets.counters import read_counters

NSTAT = "#kernel\nTcpExtSyncookiesSent   7   0.0\nTcpExtListenDrops  3  0.0\nIpInReceives 9 0.0\n"
COLUMNS = "TcpExt: New SyncookiesSent ListenDrops\nTcpExt: 1 7 3\nIpExt: A\nIpExt: 4\n"
SPOKEN = "TcpExt:\n    7 SYN cookies sent\n    3 SYNs to LISTEN sockets ignored\n    x: 4\n"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (NSTAT, Format.NSTAT),
        ('{"kernel":{"TcpExtSyncookiesSent":7,"TcpExtListenDrops":3,"IpX":9}}', Format.NSTAT),
        ('{"kernel":{\n"TcpExtSyncookiesSent" : 7,\n"TcpExtListenDrops" : 3\n}}', Format.NSTAT),
        (COLUMNS, Format.PROC_NET_NETSTAT),
        (SPOKEN, Format.NETSTAT_STATISTICS),
        ("    TCPReqQFullDrop: 1\n" + SPOKEN, Format.NETSTAT_STATISTICS),
    ],
)
def test_every_form_tells_the_same(text: str, form: Format) -> None:
    """By name, never by position."""
    (snapshot,) = read_counters(text.encode().splitlines(), form)
    assert dict(snapshot.values) | {"TCPReqQFullDrop": 1} == {
        "SyncookiesSent": 7,
        "ListenDrops": 3,
        "TCPReqQFullDrop": 1,
    }


def test_a_counter_that_comes_again_is_another_look() -> None:
    """Without any line between them."""
    assert len(list(read_counters((NSTAT * 2).encode().splitlines(), Format.NSTAT))) == 2


@given(
    st.sampled_from([Format.NSTAT, Format.PROC_NET_NETSTAT, Format.NETSTAT_STATISTICS]),
    st.lists(st.sampled_from([NSTAT, COLUMNS, SPOKEN, "9" * 500, "\x00", "TcpExt: "]), max_size=5),
    st.integers(0, 60),
)
def test_mangled_counters_are_read(form: Format, pieces: list[str], cut: int) -> None:
    """Without an error."""
    list(read_counters("".join(pieces).encode()[cut:].splitlines(), form))
