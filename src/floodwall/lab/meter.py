"""Readings at the server's end of its line: packets, CPU time, answers."""

from dataclasses import dataclass
from pathlib import Path

from floodwall.lab import napi
from floodwall.lab.sink import Answers, Sink
from floodwall.lab.topology import Topology


@dataclass(frozen=True, slots=True)
class LineReading:
    """Totals at one moment; `lost` packets found no room in the receive queue."""

    received: int
    lost: int
    cpu_ns: int
    answers: Answers

    def since(self, before: "LineReading") -> "LineReading":
        """Return what came between two readings."""
        return LineReading(
            self.received - before.received,
            self.lost - before.lost,
            self.cpu_ns - before.cpu_ns,
            Answers(
                self.answers.syn_acks - before.answers.syn_acks,
                self.answers.resets - before.answers.resets,
                self.answers.others - before.answers.others,
            ),
        )


class Meter:
    """Reads the server's line of one topology."""

    def __init__(self, topology: Topology, sink: Sink) -> None:
        """Find the receiving thread of the server."""
        self._topology = topology
        self._sink = sink
        self._interface = topology.server_line.far_end
        self._thread = napi.thread_of(self._interface) or 0

    def read(self) -> LineReading:
        """Take a reading now."""
        received, lost = self._topology.server.call(self._interface_counters)
        return LineReading(received, lost, napi.cpu_ns(self._thread), self._sink.answers())

    def _interface_counters(self) -> tuple[int, int]:
        """Return packets received and dropped, columns 2 and 4 of /proc/net/dev."""
        for line in Path("/proc/thread-self/net/dev").read_text().splitlines():
            name, _, counters = line.partition(":")
            if name.strip() == self._interface:
                columns = counters.split()
                return int(columns[1]), int(columns[3])
        raise KeyError(self._interface)
