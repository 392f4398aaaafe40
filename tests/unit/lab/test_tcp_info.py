"""What a client's kernel knows of a connection."""

import socket

from floodwall.lab.tcp_info import TcpInfo, tcp_info


def test_a_connection_over_loopback_has_every_option() -> None:
    """And nothing was sent twice."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as connection,
    ):
        found = tcp_info(connection)

    assert found == TcpInfo(window_scale=True, sack=True, timestamps=True, retransmits=0)
