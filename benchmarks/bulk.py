"""Megabytes a second of one bulk transfer through a calm Floodwall, beside an empty program."""

import argparse
import os
import socket
import time
from contextlib import AbstractContextManager

from benchmarks import subjects
from benchmarks.table import Row, Table
from floodwall.lab.addresses import Family, server
from floodwall.lab.topology import Options, Topology, topology

_CLIENT_NETWORK = 1
_PIECE = 1 << 18
_SUBJECTS = {
    "empty program, passes": subjects.empty_pass,
    "Floodwall, calm": subjects.floodwall_calm,
    "empty program, generic": subjects.empty_pass_generic,
    "Floodwall, calm, generic": subjects.floodwall_calm_generic,
    "nothing attached": subjects.kernel_cookies,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure every subject in turns and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks/run bulk", description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    turns: dict[str, list[float]] = {name: [] for name in _SUBJECTS}
    for _ in range(options.turns):
        for name, subject in _SUBJECTS.items():
            with topology(Options()) as lab:
                turns[name].append(_upload(lab, subject(lab), options.seconds))
    rows = [Row(name, found) for name, found in turns.items()]
    table = Table("One upload to a protected port", "MB/s", rows)
    print(table.json() if options.json else "\n".join(table.lines()))
    return 0


def _upload(lab: Topology, attached: AbstractContextManager[None], seconds: float) -> float:
    """Send for so many seconds to a reader on the server; return what the reader got."""
    with attached:
        listening = lab.server.call(
            lambda: socket.create_server((str(server(Family.IPV4)), subjects.PORT))
        )
        with listening:
            where = listening.getsockname()
            sending = lab.clients[_CLIENT_NETWORK].call(lambda: socket.create_connection(where))
            reading, _ = listening.accept()
            with sending, reading:
                return _throughput(sending, reading, seconds)


def _throughput(sending: socket.socket, reading: socket.socket, seconds: float) -> float:
    """Send in a process of its own: threads of one interpreter would wait for each other."""
    sender = os.fork()
    if not sender:
        _send(sending, seconds)
        os._exit(0)
    sending.close()  # the child's copy alone decides when the stream ends
    room = bytearray(_PIECE)
    received = 0
    begin = time.monotonic()
    while count := reading.recv_into(room):
        received += count
    elapsed = time.monotonic() - begin
    os.waitpid(sender, 0)
    return received / elapsed / 1e6


def _send(sending: socket.socket, seconds: float) -> None:
    piece = bytes(_PIECE)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sending.sendall(piece)


if __name__ == "__main__":
    raise SystemExit(main())
