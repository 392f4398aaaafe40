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
