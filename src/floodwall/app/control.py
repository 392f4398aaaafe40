"""The control socket: who may speak to the daemon, how much and how fast.

Law: no peer can hold up the loop, whatever it sends or does not send.  Every wait has an end,
every queue a length, and the work of one turn is bounded.
"""

import contextlib
import os
import selectors
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from floodwall.app.client_link import ClientLink, Gone, Phase
from floodwall.app.peer import Peer, Role, identify, operators_group, viewers_group
from floodwall.core.bucket import Bucket
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS
from floodwall.core.protocol import SOCKET, ProtocolError, encode, refused

_MODE = 0o660
_DIRECTORY_MODE = 0o750
_WAITING = 64  # connections that the kernel keeps until they are accepted


@dataclass(frozen=True, slots=True)
class Bounds:
    """What peers may use of the daemon; times in nanoseconds, rates per second."""

    clients: int = 64
    kept_for_operators: int = 16
    """Of these, so that viewers cannot shut the operator out."""
    clients_of_a_viewer: int = 8
    accept_rate: float = 100
    accept_burst: float = 100
    request_rate: float = 100
    request_burst: float = 200
    within_ns: tuple[tuple[Phase, int], ...] = (
        (Phase.SILENT, 60 * SECOND_NS),
        (Phase.READING, 5 * SECOND_NS),
        (Phase.WRITING, 5 * SECOND_NS),
    )


Answerer = Callable[[Peer, bytes], bytes]
"""Turns the JSON of a request into the frame of its answer."""


class ControlServer:
    """Listens, and hands whole requests of peers that may ask to `answer`."""

    def __init__(
        self,
        run: Path,
        selector: selectors.BaseSelector,
        answer: Answerer,
        now_ns: int,
        bounds: Bounds | None = None,
    ) -> None:
        """Open the socket, or raise OSError if that cannot be done."""
        self._selector = selector
        self._answer = answer
        self._bounds = bounds or Bounds()
        self._within_ns = dict(self._bounds.within_ns)
        self._clients: dict[int, ClientLink] = {}
        self._buckets: dict[int, Bucket] = {}
        self._accepts = Bucket.full(
            self._bounds.accept_rate, self._bounds.accept_burst, now_ns
        ).spent()
        self._accepting = False
        self.viewers = viewers_group()
        self.operators = operators_group()
        self.trouble = ""
        self._path = run / SOCKET
        self._listener = self._listen(run)
        self._set_accepting(wanted=True)

    def serve(self, fd: int, now_ns: int) -> bool:
        """Serve a descriptor that is ready; return False if it is none of ours."""
        if fd == self._listener.fileno():
            self._accept(now_ns)
            return True
        if client := self._clients.get(fd):
            self._turn(client, now_ns)
            return True
        return False

    def tend(self, now_ns: int) -> int | None:
        """Close who took too long and wake who has waited; return when to come again."""
        self._accepts = self._accepts.refilled(now_ns)
        self._set_accepting(wanted=self._accepts.wait_ns() == 0)
        due = [] if self._accepting else [now_ns + self._accepts.wait_ns()]
        for client in list(self._clients.values()):
            until_ns = client.since_ns + self._within_ns[client.phase]
            if client.resume_ns > now_ns:
                due.append(client.resume_ns)
            elif until_ns <= now_ns:
                self._close(client)
            else:
                if client.resume_ns:
                    client.resume_ns = 0
                    self._watch(client)
                due.append(until_ns)
        return min(due, default=None)

    def close(self) -> None:
        """Close every connection and remove the socket."""
        for client in list(self._clients.values()):
            self._flush(client)
            self._close(client)
        self._set_accepting(wanted=False)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    @property
    def clients(self) -> int:
        """Return how many peers are connected."""
        return len(self._clients)

    def _listen(self, run: Path) -> socket.socket:
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            before = os.umask(0o777 & ~_MODE)
            try:
                listener.bind(os.fspath(self._path))
            finally:
                os.umask(before)
            self._let_viewers_in(run)
            listener.listen(_WAITING)
        except BaseException:
            listener.close()
            raise
        return listener

    def _let_viewers_in(self, run: Path) -> None:
        """Give socket and directories to the group, where this machine has one."""
        if self.viewers is None:
            return
        try:
            for directory in (run.parent, run):
                os.chown(directory, -1, self.viewers)
                directory.chmod(_DIRECTORY_MODE)
            os.chown(self._path, -1, self.viewers)
        except OSError as error:
            self.trouble = f"viewers cannot reach the control socket: {error.strerror}"

    def _accept(self, now_ns: int) -> None:
        """Take one connection; more are waiting, but so is everybody else."""
        self._accepts = self._accepts.refilled(now_ns).spent()
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:
            # No descriptor or no memory is left: the next one is a second away.
            self._accepts = Bucket(self._accepts.rate_s, self._accepts.burst, 0, now_ns + SECOND_NS)
            self._set_accepting(wanted=False)
            return
        connection.setblocking(False)
        try:
            peer = identify(connection, self.viewers, self.operators)
        except OSError:
            connection.close()
            return
        client = ClientLink(connection, peer, now_ns)
        if reason := self._why_not(peer):
            # What fits into the socket is told, and nobody waits for the rest.
            client.answer(encode(refused(0, ConfigError(reason))), now_ns)
            self._flush(client)
            connection.close()
            return
        self._clients[connection.fileno()] = client
        self._watch(client)

    def _why_not(self, peer: Peer) -> str:
        bounds, count = self._bounds, Counter(each.peer.uid for each in self._clients.values())
        if peer.role is Role.NONE:
            return "only root and the group floodwall may speak to the daemon"
        if len(self._clients) >= bounds.clients:
            return f"{bounds.clients} peers are connected, and no more are served"
        if peer.role is Role.OPERATE:
            return ""
        if count[peer.uid] >= bounds.clients_of_a_viewer:
            return f"you have {count[peer.uid]} connections already"
        if len(self._clients) >= bounds.clients - bounds.kept_for_operators:
            return "the other places are kept for operators"
        return ""

    def _turn(self, client: ClientLink, now_ns: int) -> None:
        """Read what a peer has sent, or send what it has not read: one step of either."""
        try:
            if client.phase is Phase.WRITING:
                client.send(now_ns)
            elif raw := client.receive(now_ns):
                client.answer(self._answer(client.peer, raw), now_ns)
                self._charge(client, now_ns)
                client.send(now_ns)
        except ProtocolError as error:
            client.closing = True
            client.answer(encode(refused(0, error)), now_ns)
            self._flush(client)
        except Gone:
            self._close(client)
            return
        if client.closing and client.phase is not Phase.WRITING:
            self._close(client)
        else:
            self._watch(client)

    def _charge(self, client: ClientLink, now_ns: int) -> None:
        """Let a peer pay for a request; whoever owes is not read from for a while."""
        bounds, uid = self._bounds, client.peer.uid
        full = Bucket.full(bounds.request_rate, bounds.request_burst, now_ns)
        bucket = self._buckets.get(uid, full).refilled(now_ns).spent()
        self._buckets[uid] = bucket
        if len(self._buckets) > bounds.clients:
            self._buckets = {
                each: known
                for each, known in self._buckets.items()
                if known.refilled(now_ns).tokens < known.burst
            }
        if wait_ns := bucket.wait_ns():
            client.resume_ns = now_ns + wait_ns

    def _watch(self, client: ClientLink) -> None:
        events = 0
        if client.phase is Phase.WRITING:
            events = selectors.EVENT_WRITE
        elif not client.resume_ns:
            events = selectors.EVENT_READ
        registered = client.connection.fileno() in self._selector.get_map()
        if not events:
            if registered:
                self._selector.unregister(client.connection)
        elif registered:
            self._selector.modify(client.connection, events)
        else:
            self._selector.register(client.connection, events)

    def _flush(self, client: ClientLink) -> None:
        with contextlib.suppress(Gone):
            if client.phase is Phase.WRITING:
                client.send(client.since_ns)

    def _close(self, client: ClientLink) -> None:
        fd = client.connection.fileno()
        self._clients.pop(fd, None)
        if fd in self._selector.get_map():
            self._selector.unregister(fd)
        client.connection.close()

    def _set_accepting(self, *, wanted: bool) -> None:
        if wanted and not self._accepting:
            self._selector.register(self._listener, selectors.EVENT_READ)
        elif self._accepting and not wanted:
            self._selector.unregister(self._listener)
        self._accepting = wanted
