"""Nanoseconds of server CPU for each kind of packet, beside an empty program and the kernel."""

import argparse
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace

from benchmarks import subjects
from benchmarks.flooding import flooding
from benchmarks.table import Row, Table
from floodwall.lab.addresses import Family
from floodwall.lab.flood import Flood, Ports, Segment, Sources
from floodwall.lab.meter import Meter
from floodwall.lab.sink import sink
from floodwall.lab.topology import Options, Topology, topology

SYNS = Flood(Sources.RANDOM, None)
BARE_SYNS = replace(SYNS, options=False)
FIXED = Flood(Sources.FIXED, None, ports=Ports.RANDOM)
ACKS = replace(SYNS, segment=Segment.ACK)
CALM_SYNS = replace(SYNS, rate_pps=200_000.0)
OF_A_CONNECTION = Flood(
    Sources.LISTED,
    200_000.0,
    segment=Segment.ACK,
    ports=Ports.FIXED,
    addresses=(subjects.PEER,),
)

_NOTE = """A packet that passes goes on into the stack, which is measured with it: what Floodwall
takes is the difference to the row of the empty program above it, fed with the same packets."""

Attach = Callable[[Topology], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Subject:
    """One row: what is attached, and what it is fed with."""

    name: str
    flood: Flood
    attach: Attach


def _subjects(bans: int) -> list[Subject]:
    return [
        Subject("empty program, drops", SYNS, subjects.empty_drop),
        Subject("kernel, cookies on", SYNS, subjects.kernel_cookies),
        Subject("kernel, cookies off, queue full", SYNS, subjects.kernel_without_cookies),
        Subject("Floodwall: challenge", SYNS, subjects.floodwall_armed),
        Subject("Floodwall: challenge, SYN of 40 bytes", BARE_SYNS, subjects.floodwall_armed),
        Subject(
            "Floodwall: challenge, IPv6", replace(SYNS, family=Family.IPV6),
            subjects.floodwall_armed,
        ),
        Subject("Floodwall: challenge, generic XDP", SYNS, subjects.floodwall_generic),
        Subject("Floodwall: bad ACK dropped", ACKS, subjects.floodwall_armed),
        Subject("kernel: bad ACK answered by RST", ACKS, subjects.kernel_cookies),
        Subject("xdp-filter: 572 sources denied", FIXED, subjects.xdp_filter()),
        Subject("Floodwall: 572 sources banned", FIXED, subjects.floodwall_bans(0)),
        Subject(f"Floodwall: {bans:,} banned", FIXED, subjects.floodwall_bans(bans)),
        Subject("empty program: SYN passes", CALM_SYNS, subjects.empty_pass),
        Subject("Floodwall: calm SYN passes", CALM_SYNS, subjects.floodwall_patient),
        Subject(
            "empty program: ACK of a connection", OF_A_CONNECTION,
            subjects.connected(subjects.empty_pass, OF_A_CONNECTION),
        ),
        Subject(
            "Floodwall, calm: ACK of a connection", OF_A_CONNECTION,
            subjects.connected(subjects.floodwall_calm, OF_A_CONNECTION),
        ),
        Subject(
            "Floodwall, armed: ACK of a connection", OF_A_CONNECTION,
            subjects.connected(subjects.floodwall_armed, OF_A_CONNECTION),
        ),
    ]  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Measure every subject in turns and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks/run packet_cost", description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--bans", type=int, default=100_000)
    parser.add_argument("--only", default="", help="subjects whose name contains this text")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    chosen = [each for each in _subjects(options.bans) if options.only in each.name]
    turns: dict[str, list[float]] = {each.name: [] for each in chosen}
    for _ in range(options.turns):
        for subject in chosen:
            turns[subject.name].append(_cost_ns(subject, options.seconds))
    rows = [Row(name, found) for name, found in turns.items()]
    table = Table("CPU of the receiving thread for each packet received", "ns/packet", rows)
    print(table.json() if options.json else "\n".join([*table.lines(), "", _NOTE]))
    return 0


def _cost_ns(subject: Subject, seconds: float) -> float:
    with topology(Options()) as lab, ExitStack() as stack:
        line = lab.server_line
        drain = stack.enter_context(sink(lab.router, line.router_end))
        stack.enter_context(subjects.listener(lab, subjects.PORT))
        stack.enter_context(subject.attach(lab))
        meter = Meter(lab, drain)
        with flooding(lab, subject.flood, subjects.PORT, seconds + 1.0):
            time.sleep(0.5)  # the first call of the generator sets itself up
            before = meter.read()
            time.sleep(seconds)
            spent = meter.read().since(before)
    return spent.cpu_ns / max(spent.received, 1)


if __name__ == "__main__":
    raise SystemExit(main())
