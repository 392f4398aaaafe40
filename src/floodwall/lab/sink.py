"""What the server answers to forged sources: counted and dropped on the attacker's side.

A program of bpf/flood.bpf.c on the router's end of the server's line, the same for every system
under test, so that answers neither wander on nor cost one row more than another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import if_nametoindex

from floodwall.kernel.bpf import BpfObject, Link, Map
from floodwall.kernel.build import compile_object
from floodwall.lab.addresses import LAB_IPV4, LAB_IPV6
from floodwall.lab.namespace import Namespace


@dataclass(frozen=True, slots=True)
class Answers:
    """Packets that the server sent to sources that do not exist."""

    syn_acks: int
    resets: int
    others: int


class Sink:
    """The counters of a sink that is in place."""

    def __init__(self, counters: Map) -> None:
        """Read from the map `answers` of the program."""
        self._counters = counters

    def answers(self) -> Answers:
        """Return the counts so far."""
        counts = [
            sum(
                int.from_bytes(share, "little")
                for share in self._counters.lookup_percpu(kind.to_bytes(4, "little"))
            )
            for kind in range(3)
        ]
        return Answers(*counts)


@contextmanager
def sink(namespace: Namespace, interface: str) -> Iterator[Sink]:
    """Attach to an interface of the lab in the driver, and detach at the end."""
    with BpfObject.open(compile_object("flood")) as program:
        for name in ("flood_ipv4", "flood_ipv6"):
            program.disable(name)
        for constant, value in _constants().items():
            program.set_constant(constant, value)
        program.load()
        fd = program.program("flood_sink").fd
        with namespace.call(lambda: Link.xdp(fd, if_nametoindex(interface), native=True)):
            yield Sink(program.map("answers"))


def _constants() -> dict[str, int]:
    """Return the lab's networks as the program compares them: words as they lie in a packet."""
    high = slice(0, 8)
    return {
        "lab_ipv4_network": int.from_bytes(LAB_IPV4.network_address.packed, "little"),
        "lab_ipv4_mask": int.from_bytes(LAB_IPV4.netmask.packed, "little"),
        "lab_ipv6_network": int.from_bytes(LAB_IPV6.network_address.packed[high], "little"),
        "lab_ipv6_mask": int.from_bytes(LAB_IPV6.netmask.packed[high], "little"),
    }
