"""One connection, on the daemon's side."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from floodwall.app.client_link import ClientLink, Gone, Phase
from floodwall.app.peer import Peer, Role
from floodwall.core.protocol import ProtocolError

PEER = Peer(1, 0, frozenset(), Role.OPERATE)
FRAME = b'\0\0\0\4"ab"'


@pytest.fixture
def ends() -> Iterator[tuple[ClientLink, socket.socket]]:
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ClientLink(ours, PEER, 5), theirs


def test_a_request_may_come_byte_by_byte(ends: tuple[ClientLink, socket.socket]) -> None:
    """It is there with its last byte; how long it took is counted from its first."""
    link, peer = ends
    for number, byte in enumerate(FRAME[:-1]):
        peer.sendall(bytes([byte]))
        assert link.receive(100 + number) is None
        assert (link.phase, link.since_ns) == (Phase.READING, 100)
    peer.sendall(FRAME[-1:])

    assert link.receive(200) == b'"ab"'
    assert link.phase is Phase.SILENT


def test_no_more_is_read_than_one_request(ends: tuple[ClientLink, socket.socket]) -> None:
    """What follows waits in the kernel."""
    link, peer = ends
    peer.sendall(FRAME * 3)

    assert [link.receive(1) for _ in range(3)] == [b'"ab"'] * 3
    assert link.receive(1) is None


def test_a_header_alone_is_no_request(ends: tuple[ClientLink, socket.socket]) -> None:
    """Nothing is there yet, and nothing is an end."""
    link, peer = ends
    assert link.receive(1) is None
    assert link.phase is Phase.SILENT
    peer.sendall(FRAME[:4])
    assert link.receive(1) is None
    peer.close()
    with pytest.raises(Gone):
        link.receive(1)


def test_an_impossible_length_is_refused(ends: tuple[ClientLink, socket.socket]) -> None:
    """Before anything of it is kept."""
    link, peer = ends
    peer.sendall(b"\xff\xff\xff\xff")
    with pytest.raises(ProtocolError):
        link.receive(1)


def test_an_answer_goes_out_as_it_is_read(ends: tuple[ClientLink, socket.socket]) -> None:
    """And it is known when all of it is gone."""
    link, peer = ends
    frame = bytes(3_000_000)
    link.answer(frame, 10)
    received = 0
    while link.phase is Phase.WRITING:
        link.send(20)
        received += len(peer.recv(1 << 20))
    peer.setblocking(False)

    assert link.since_ns == 20
    while received < len(frame):
        received += len(peer.recv(1 << 20))


def test_a_peer_that_left_takes_no_answer(ends: tuple[ClientLink, socket.socket]) -> None:
    """Which is no error of ours."""
    link, peer = ends
    peer.close()
    link.answer(b"x", 1)
    with pytest.raises(Gone):
        link.send(1)
