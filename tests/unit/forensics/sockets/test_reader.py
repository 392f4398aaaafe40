"""Dumps as inputs."""

from pathlib import Path

from floodwall.forensics.evidence import Format
from floodwall.forensics.inputs import Options, read_input


def test_dumps_are_recognised_and_counted(tmp_path: Path) -> None:
    """Sockets and counters."""
    sockets, counters = tmp_path / "sockets", tmp_path / "counters"
    sockets.write_text("tcp 0 0 192.0.2.1:80 203.0.113.7:4000 SYN_RECV -\n" * 3)
    counters.write_text("TcpExt: SyncookiesSent\nTcpExt: 7\n")
    first, second = (read_input(str(path), Options()) for path in (sockets, counters))
    assert (first.inputs[0].format, first.inputs[0].records) == (Format.NETSTAT, 3)
    assert (second.inputs[0].format, second.inputs[0].records) == (Format.PROC_NET_NETSTAT, 1)


def test_a_dump_without_states_is_told(tmp_path: Path) -> None:
    """`ss state syn-recv` leaves them out, and any other filter by one state does."""
    file = tmp_path / "ss.txt"
    file.write_text(
        "Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
        "0      0      192.0.2.1:80       203.0.113.7:4000\n"
    )
    (one,) = read_input(str(file), Options()).inputs
    assert (one.format, one.records) == (Format.SS, 0)
    assert "ss -tan" in one.errors[0]
