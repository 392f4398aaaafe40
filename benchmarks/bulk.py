"""Megabytes a second of one bulk transfer through a calm Floodwall, beside an empty program."""

import argparse
import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from benchmarks import subjects
from benchmarks.table import Row, Table
from floodwall.lab.addresses import Family, server
from floodwall.lab.topology import Options, Topology, topology

_CLIENT_NETWORK = 1
_PIECE = 1 << 18
_WARM_S = 0.3  # until TCP has found its window again
_SUBJECTS = {
    "empty program, passes": subjects.empty_pass,
    "Floodwall, calm": subjects.floodwall_calm,
    "empty program, generic": subjects.empty_pass_generic,
    "Floodwall, calm, generic": subjects.floodwall_calm_generic,
    "nothing attached": subjects.kernel_cookies,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure every subject in turns on one connection and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks/run bulk", description=__doc__)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    turns: dict[str, list[float]] = {name: [] for name in _SUBJECTS}
    with topology(Options()) as lab, _upload(lab) as reading:
        for _ in range(options.turns):
            for name, subject in _SUBJECTS.items():
                with subject(lab):
                    _throughput(reading, _WARM_S)
                    turns[name].append(_throughput(reading, options.seconds))
    rows = [Row(name, found) for name, found in turns.items()]
    table = Table("One upload to a protected port", "MB/s", rows)
    print(table.json() if options.json else "\n".join(table.lines()))
    return 0


@contextmanager
def _upload(lab: Topology) -> Iterator[socket.socket]:
    """Open a connection on which a client sends without end; give the server's side of it."""
    listening = lab.server.call(
        lambda: socket.create_server((str(server(Family.IPV4)), subjects.PORT))
    )
    with listening:
        where = listening.getsockname()
        sending = lab.clients[_CLIENT_NETWORK].call(lambda: socket.create_connection(where))
        reading, _ = listening.accept()
    # A process of its own: threads of one interpreter would wait for each other.
    sender = os.fork()
    if not sender:
        reading.close()
        _send(sending)
    sending.close()
    try:
        with reading:
            yield reading
    finally:
        os.kill(sender, signal.SIGKILL)
        os.waitpid(sender, 0)


def _throughput(reading: socket.socket, seconds: float) -> float:
    room = bytearray(_PIECE)
    received = 0
    begin = time.monotonic()
    while (elapsed := time.monotonic() - begin) < seconds:
        received += reading.recv_into(room)
    return received / elapsed / 1e6


def _send(sending: socket.socket) -> NoReturn:
    """Send until nobody reads any more, or for ten minutes."""
    piece = bytes(_PIECE)
    end = time.monotonic() + 600
    with contextlib.suppress(OSError):
        while time.monotonic() < end:
            sending.sendall(piece)
    os._exit(0)


if __name__ == "__main__":
    raise SystemExit(main())
