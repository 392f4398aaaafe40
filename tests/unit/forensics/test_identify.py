"""What a file is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.evidence import Format
from floodwall.forensics.identify import identify

NETSTAT = b"tcp        0      0 192.0.2.1:80        192.0.2.9:4000      SYN_RECV    -\n"


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"", Format.EMPTY),
        (b"\xd4\xc3\xb2\xa1" + bytes(20), Format.PCAP),
        (b"\xa1\xb2\x3c\x4d" + bytes(20), Format.PCAP),
        (b"\x0a\x0d\x0d\x0a" + bytes(20), Format.PCAPNG),
        (NETSTAT, Format.NETSTAT),
        (b"Proto Recv-Q Send-Q Local Address\n" + NETSTAT, Format.NETSTAT),
        (b"State    Recv-Q Send-Q  Local Address:Port\n", Format.SS),
        (b"SYN-RECV 0 0 192.0.2.1:80 192.0.2.9:4000\n", Format.SS),
        (b"  sl  local_address rem_address   st\n", Format.PROC_NET_TCP),
        (b"TcpExt: SyncookiesSent SyncookiesRecv\nTcpExt: 0 1\n", Format.PROC_NET_NETSTAT),
        (b"#kernel\nIpInReceives  5  0.0\n", Format.NSTAT),
        (b"TcpExtListenDrops               15                 0.0\n", Format.NSTAT),
        (b'{"kernel":{"IpInReceives":5,"TcpExtSyncookiesSent":7}}\n', Format.NSTAT),
        (b"Recv-Q Send-Q Local Address:Port  Peer Address:Port\n", Format.SS),
        (b'data: {"_TRANSPORT":"kernel"}\n', Format.LOG),
        (b'\x1e{"_TRANSPORT":"kernel"}\n', Format.LOG),
        (b'{\n\t"_TRANSPORT" : "kernel"\n}\n', Format.LOG),
        (b"Tcp:\n    5 active connection openings\n", Format.NETSTAT_STATISTICS),
        (b"Feb 28 09:27:37 nap1 kernel: NET: 5 messages suppressed.\n", Format.LOG),
        (b"Feb 28 09:27:37 nap1 x: State    Recv-Q Send-Q\n", Format.LOG),
        (b'{"_TRANSPORT":"kernel"}\n', Format.LOG),
        (b"anything else\n", Format.LOG),
        (bytes(range(32)) * 9, Format.UNKNOWN),
        (b"snoop\x00\x00\x00\x00\x00\x00\x02", Format.UNKNOWN),
    ],
)
def test_content_decides(head: bytes, form: Format) -> None:
    """Each form has its mark."""
    assert identify(head)[0] is form


@given(st.binary(max_size=200))
def test_any_bytes_are_something(head: bytes) -> None:
    """What is unknown says why."""
    form, trouble = identify(head)
    assert bool(trouble) == (form is Format.UNKNOWN)
