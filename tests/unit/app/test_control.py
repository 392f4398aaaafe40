"""The control socket, and who abuses it."""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from floodwall.app import control as module
from floodwall.app.client_link import Phase
from floodwall.app.control import Bounds, ControlServer
from floodwall.app.peer import Peer, Role
from floodwall.core.model import SECOND_NS
from floodwall.core.protocol import LARGEST_BYTES, SOCKET, encode, succeeded
from tests.support.bench import Bench, bench, is_closed, read_answer

VIEWER = 4711


def as_role(monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    """Let every peer that connects from now on be another user with this role."""
    uid = 0 if role is Role.OPERATE else VIEWER
    peer = Peer(1, uid, frozenset(), role)
    monkeypatch.setattr(module, "identify", lambda *_: peer)


def descriptors() -> int:
    """Return how many descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def connected(made: Bench, count: int) -> list[socket.socket]:
    """Connect so many peers, one a turn."""
    peers = []
    for _ in range(count):
        peers.append(made.connect())
        made.turn()
    return peers


def test_a_question_is_answered(tmp_path: Path) -> None:
    """By the desk, on the same connection, again and again."""
    with bench(tmp_path) as made, made.connect() as peer:
        made.turn()
        for _ in range(3):
            answer = made.ask(peer, "hello")
            assert answer.id == 7
            assert answer.result is not None
            assert answer.result["role"] == "operate"


def test_only_root_and_the_group_reach_it(tmp_path: Path) -> None:
    """The file says so; nothing is left of it at the end."""
    with bench(tmp_path) as made:
        assert made.path.stat().st_mode & 0o777 == 0o660
        assert os.umask(0o22) == 0o22

    assert list(tmp_path.iterdir()) == []


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    """A killed daemon left it."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET))
    with bench(tmp_path) as made, made.connect() as peer:
        made.turn()
        assert made.ask(peer, "hello").error is None


def test_viewers_get_directory_and_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this machine has their group."""
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    monkeypatch.setattr(module, "viewers_group", os.getegid)
    with bench(run) as made:
        assert made.server.trouble == ""
        modes = [path.stat().st_mode & 0o777 for path in (tmp_path, run, made.path)]
        assert modes == [0o750, 0o750, 0o660]


def test_a_group_that_cannot_be_given_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And root is served all the same."""
    monkeypatch.setattr(module, "viewers_group", lambda: 5)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    with bench(tmp_path) as made, made.connect() as peer:
        made.turn()
        assert "viewers cannot reach" in made.server.trouble
        assert made.ask(peer, "hello").error is None


def test_a_stranger_is_told_and_hung_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the file's mode ever let one in; nothing that it sends is read."""
    as_role(monkeypatch, Role.NONE)
    with bench(tmp_path) as made, made.connect() as peer:
        peer.sendall(b"x" * 1000)
        made.turn()
        error = read_answer(peer).error

        assert error is not None
        assert "only root and the group floodwall" in error.message
        assert is_closed(peer)
        assert made.server.clients == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xff\xff\xff" + b"A" * 100,
        b"\0\0\0\0",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0\0\0\3{}}",
        b"\0\0\xff\xff" + b"[" * 65535,
        b"\0\0\0\2\xff\xff",
    ],
)
def test_garbage_ends_the_connection(tmp_path: Path, garbage: bytes) -> None:
    """With a reason; the next peer is served."""
    with bench(tmp_path) as made, made.connect() as peer, made.connect() as other:
        made.turn(2)
        peer.sendall(garbage)
        made.turn(4)
        error = read_answer(peer).error

        assert error is not None
        assert is_closed(peer)
        assert made.ask(other, "hello").error is None
        assert made.server.clients == 1


def test_a_half_sent_request_is_given_up(tmp_path: Path) -> None:
    """After five seconds, whatever still trickles in."""
    with bench(tmp_path) as made, made.connect() as slow:
        made.turn()
        slow.sendall(b"\0")
        made.turn()
        for byte in (b"\0", b"\xff", b"\xff", b"x"):
            made.wait(1)
            slow.sendall(byte)
        assert made.server.clients == 1
        made.wait(1.1)

        assert made.server.clients == 0


def test_silence_is_borne_for_a_minute(tmp_path: Path) -> None:
    """A console may be quiet, not for ever."""
    with bench(tmp_path) as made, made.connect() as quiet:
        made.turn()
        made.wait(59)
        assert made.server.clients == 1
        made.wait(2)

        assert is_closed(quiet)


def test_an_unread_answer_is_not_kept(tmp_path: Path) -> None:
    """Nor is anything more read from such a peer, however much it sends."""
    served: Counter[str] = Counter()

    def answer(_: Peer, __: bytes) -> bytes:
        served["requests"] += 1
        return encode(succeeded(1, {"much": "x" * (LARGEST_BYTES - 100)}))

    with bench(tmp_path, answer=answer) as made, made.connect() as deaf:
        made.turn()
        question = b"\0\0\0\2{}"
        sent = 0
        for _ in range(200):
            try:
                sent += deaf.send(question)
            except BlockingIOError:
                break
            made.turn()
        assert served["requests"] < 20  # what fits into the socket, and one more
        made.wait(5.1)

        assert made.server.clients == 0
        assert sent > len(question)


def test_there_is_room_for_so_many(tmp_path: Path) -> None:
    """The next one is told; when one leaves there is a place."""
    with bench(tmp_path, bounds=Bounds(clients=5, kept_for_operators=2)) as made:
        peers = connected(made, 5)
        (sixth,) = connected(made, 1)
        error = read_answer(sixth).error
        assert error is not None
        assert "5 peers are connected" in error.message
        peers[0].close()
        made.turn()
        (seventh,) = connected(made, 1)

        assert made.ask(seventh, "hello").error is None
        for peer in (*peers, sixth, seventh):
            peer.close()


def test_viewers_cannot_shut_the_operator_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has few connections, and all together leave places."""
    as_role(monkeypatch, Role.VIEW)
    bounds = Bounds(clients=6, kept_for_operators=2, clients_of_a_viewer=3)
    with bench(tmp_path, bounds=bounds) as made:
        viewers = connected(made, 4)
        error = read_answer(viewers[3]).error
        assert error is not None
        assert "you have 3 connections" in error.message
        monkeypatch.setattr(
            module, "identify", lambda *_: Peer(1, VIEWER + 1, frozenset(), Role.VIEW)
        )
        others = connected(made, 2)
        error = read_answer(others[1]).error
        assert error is not None
        assert "kept for operators" in error.message
        as_role(monkeypatch, Role.OPERATE)
        (operator,) = connected(made, 1)

        assert made.ask(operator, "hello").error is None
        for peer in (*viewers, *others, operator):
            peer.close()


def test_whoever_asks_too_fast_waits(tmp_path: Path) -> None:
    """Nothing is lost: it is read when it may be."""
    bounds = Bounds(request_rate=10, request_burst=5)
    with bench(tmp_path, bounds=bounds) as made, made.connect() as peer:
        made.turn()
        for _ in range(5):
            assert made.ask(peer, "hello").error is None
        peer.sendall(b"\0\0\0\x1e" + b'{"v":1,"id":9,"do":"hello"}   ')
        made.turn(5)
        with pytest.raises(BlockingIOError):
            peer.recv(1)
        made.wait(0.2)
        made.turn(3)

        assert read_answer(peer).id == 9


def test_connections_are_accepted_at_a_rate(tmp_path: Path) -> None:
    """A loop of connects costs no more than that many a second."""
    bounds = Bounds(accept_rate=10, accept_burst=5)
    with bench(tmp_path, bounds=bounds) as made:
        for _ in range(30):
            made.connect().close()
        accepted = 0
        original = made.server.serve

        def count(fd: int, now_ns: int) -> bool:
            nonlocal accepted
            accepted += fd == made.server._listener.fileno()
            return original(fd, now_ns)

        made.server.serve = count  # type: ignore[method-assign]  # to look on
        made.turn(100)
        assert accepted <= 5
        made.wait(1)
        made.turn(100)

        assert 5 < accepted <= 16


def test_no_descriptor_is_no_reason_to_spin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepting rests for a second, and then goes on."""
    with bench(tmp_path) as made, made.connect() as waiting:

        class Full:
            def __init__(self, listener: socket.socket) -> None:
                self.fileno: Callable[[], int] = listener.fileno
                self.close: Callable[[], None] = listener.close

            def accept(self) -> None:
                raise OSError(24, "Too many open files")

        real = made.server._listener
        monkeypatch.setattr(made.server, "_listener", Full(real))
        made.turn(3)
        assert real.fileno() not in made.selector.get_map()
        monkeypatch.setattr(made.server, "_listener", real)
        made.wait(2)
        made.turn(2)

        assert made.ask(waiting, "hello").error is None


def test_a_storm_of_peers_leaves_nothing(tmp_path: Path) -> None:
    """Hundreds that send anything, leave at any time; the server ends with what it began."""
    before = descriptors()
    shapes = (b"", b"\0", b"\0\0\0\5", b"\0\0\0\5{", b"\xff" * 9, b"\0\0\0\x05{}   ", b"A" * 5000)
    with bench(tmp_path, bounds=Bounds(accept_rate=1e6, accept_burst=1e6)) as made:
        began = time.monotonic()
        for number in range(700):
            peer = made.connect()
            peer.sendall(shapes[number % len(shapes)])
            made.turn(1 + number % 3)
            if number % 2:
                peer.close()
        took_s = time.monotonic() - began
        made.wait(61)
        assert made.server.clients == 0

        assert descriptors() <= before + 2 + 350  # the socket, the selector, peers of our own

    assert descriptors() == before
    assert took_s < 10


def test_time_is_told_when_to_come_again(tmp_path: Path) -> None:
    """The loop need not poll."""
    bounds = Bounds(within_ns=tuple((phase, 7 * SECOND_NS) for phase in Phase))
    with bench(tmp_path, bounds=bounds) as made:
        assert made.server.tend(0) is None
        with made.connect():
            made.turn()
            assert made.server.tend(SECOND_NS) == 7 * SECOND_NS


def test_a_place_without_room_for_a_socket_is_an_error(tmp_path: Path) -> None:
    """The daemon goes on without one."""
    with pytest.raises(OSError, match="too long"), bench(tmp_path / ("x" * 120)):
        pass
    assert issubclass(ControlServer, object)
