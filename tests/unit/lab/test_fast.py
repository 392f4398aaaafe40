"""The fast generator."""

import ctypes
import time

import pytest

from floodwall.kernel.btf import Btf, Kind
from floodwall.kernel.build import compile_object
from floodwall.lab import fast
from floodwall.lab.addresses import Family, server
from floodwall.lab.flood import Aim, Flood, FloodOrder, FloodReport, Ports, Segment, Sources
from floodwall.lab.sink import Answers, sink
from floodwall.lab.topology import Topology
from floodwall.lab.wait import until

SECOND = 1_000_000_000
BURST = Flood(Sources.RANDOM, None)


@pytest.mark.parametrize(
    ("name", "ours"),
    [("flood_source", fast.Source), ("flood_plan", fast.Plan), ("flood_progress", fast.Progress)],
)
def test_the_contract_with_the_program_is_kept(name: str, ours: type[ctypes.Structure]) -> None:
    """Sizes and offsets of bpf/flood.h and of Python are the same."""
    btf = Btf.of_file(compile_object("flood"))
    struct = btf.type(btf.find(name, Kind.STRUCT))
    btf.close()

    assert ctypes.sizeof(ours) == struct.size
    assert {field[0]: getattr(ours, field[0]).offset for field in ours._fields_} == {
        member.name: member.offset for member in struct.members
    }


def send(network: Topology, flood: Flood, most: int) -> tuple[FloodReport, dict[str, int]]:
    """Send `most` frames and return what the server's stack counted."""
    line = network.server_line
    aim = Aim(line.router_end, line.router_mac, line.far_mac, str(server(flood.family)), 80)
    order = FloodOrder(flood, aim, ((0, 5 * SECOND),), most, network.clients_cpu)
    with sink(network.router, line.router_end):
        generator = network.router.call(lambda: fast.FastGenerator(order))
        now = time.monotonic_ns()
        report = network.router.call(lambda: generator.run(((now, now + 5 * SECOND),)))
        until(lambda: counters(network)["TcpInSegs"] >= most, 3.0)
    return report, counters(network)


def counters(network: Topology) -> dict[str, int]:
    """Return what the server's TCP has counted."""
    lines = network.server.run(["nstat", "-asz"]).splitlines()[1:]
    return {name: int(value) for name, value, _ in (line.split() for line in lines)}


@pytest.mark.root
@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("sources", Sources)
@pytest.mark.parametrize("segment", Segment)
def test_the_stack_takes_every_frame_for_a_good_segment(
    network: Topology, family: Family, sources: Sources, segment: Segment
) -> None:
    """200 frames, few enough for the queue; not one checksum is wrong."""
    flood = Flood(sources, None, family, segment=segment, ports=Ports.FIXED)
    report, counted = send(network, flood, 200)

    assert report.sent == 200
    assert counted["TcpInSegs"] == 200
    assert counted["TcpInCsumErrors"] == 0


@pytest.mark.root
def test_it_ends_when_its_time_is_over(network: Topology) -> None:
    """Whatever it may still send."""
    line = network.server_line
    aim = Aim(line.router_end, line.router_mac, line.far_mac, str(server(Family.IPV4)), 80)
    order = FloodOrder(BURST, aim, ((0, SECOND // 10),), 10**12, network.clients_cpu)
    with sink(network.router, line.router_end) as answers:
        generator = network.router.call(lambda: fast.FastGenerator(order))
        now = time.monotonic_ns()
        report = network.router.call(lambda: generator.run(((now, now + SECOND // 10),)))

        assert answers.answers() != Answers(0, 0, 0)  # nothing listens: the server resets

    assert now <= report.first_ns <= report.last_ns < now + SECOND // 10
    assert 100_000 < report.sent < 10**12
