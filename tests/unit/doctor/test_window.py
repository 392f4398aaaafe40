"""Two samples become symptoms."""

from dataclasses import replace

from floodwall.core.address import pack
from floodwall.core.diagnosis.symptoms import Hint, SoftnetSigns
from floodwall.core.model import Endpoint, StackLimits
from floodwall.core.signs import Conntrack, LinkLoad
from floodwall.doctor.sample import Held, Requests, Sample, Socket, Sockets
from floodwall.doctor.window import Beside, between, groups
from floodwall.sense.cpu import Spent
from floodwall.sense.processes import Owner
from tests.support.playbook import endpoint
from tests.support.symptoms import OPEN

WEB = endpoint("0.0.0.0", 80)
HOME = endpoint("192.0.2.10", 80)
NGINX = Owner("nginx", 700)


def held(remote: str, key: int, local: Endpoint = HOME, *, silent: bool | None = False) -> Held:
    """Make an open connection."""
    return Held(local, pack(remote), key, silent)


def requests(total: int, stale: int = 0) -> Requests:
    """Make half-open connections, each of another source."""
    return Requests(total, stale, frozenset(bytes([n]) for n in range(total)))


def sample(at_s: float, *listening: Socket, **more: object) -> Sample:
    """Make a sample of a web server with a backlog of 511."""
    sockets = Sockets(
        listening or (Socket(WEB, 0, 511, 0, 1),),
        more.pop("requests", {}),  # type: ignore[arg-type]  # given by name
        more.pop("held", ()),  # type: ignore[arg-type]  # given by name
    )
    made = Sample(at_s, "6.1.0", 1000.0, sockets, {"TcpInSegs": 5}, StackLimits())
    return replace(made, **more)  # type: ignore[arg-type]  # fields of Sample


def test_the_window_is_a_difference() -> None:
    """Of counters, links, tables and queues; totals stay beside."""
    wire = LinkLoad("eth0", 2, 100, 50, 10, 1, None)
    first = sample(
        10, links=(wire,), conntrack=Conntrack(5, 9, 1, 0, 2), softnet=SoftnetSigns(1, 1),
        cpu={"cpu0": Spent(100, 90, 1)},
    )  # fmt: skip
    last = sample(
        12, links=(replace(wire, received_bytes=900, received_packets=30),),
        conntrack=Conntrack(9, 9, 4, 0, 7), softnet=SoftnetSigns(5, 1),
        cpu={"cpu0": Spent(300, 190, 51)}, counters={"TcpInSegs": 25, "TcpNew": 3},
    )  # fmt: skip
    seen = between(first, last, Beside(speeds={"eth0": 1000}, hints=(Hint(1, "oom"),)))

    assert (seen.seconds, seen.kernel, seen.uptime_s) == (2, "6.1.0", 1000.0)
    assert (seen.moved, seen.totals["TcpInSegs"]) == ({"TcpInSegs": 20, "TcpNew": 3}, 25)
    assert seen.links is not None
    assert (seen.links[0].received_bytes, seen.links[0].speed_bit_s) == (800, 1000)
    assert (seen.lost_to_conntrack, seen.softnet) == (8, SoftnetSigns(4, 0))
    assert seen.cpu is not None
    assert (seen.cpu.busy, seen.cpu.softirq, seen.cpus) == (0.5, 0.25, 1)


def test_what_is_missing_at_one_end_is_not_seen() -> None:
    """Half a difference is none."""
    seen = between(sample(0, counters=None), sample(1), Beside())

    assert (seen.moved, seen.links, seen.cpu, seen.softnet) == (None,) * 4
    assert between(sample(0), sample(1, sockets=None), Beside()).services is None


def test_requests_and_connections_find_their_listener() -> None:
    """By address, by wildcard of the family, or by that for both; others' are left out."""
    both = Socket(endpoint("::", 443), 0, 128, 0, 2)
    web = Socket(WEB, 0, 511, 3, 1)
    last = sample(
        2, web, both,
        requests={HOME: requests(9, 4), endpoint("192.0.2.10", 443): requests(2),
                  endpoint("192.0.2.10", 25): requests(1)},
        held=(held("203.0.113.7", 1), held("203.0.113.7", 2, silent=True),
              held("203.0.113.8", 3), held("192.0.2.10", 4), held("127.0.0.1", 5),
              held("203.0.113.9", 6, endpoint("192.0.2.10", 50000))),
    )  # fmt: skip
    first = sample(
        0, web, both, requests={HOME: requests(5)}, held=(held("203.0.113.7", 1),)
    )  # fmt: skip
    beside = Beside({1: NGINX}, {(WEB, 0): OPEN})
    one, other = between(first, last, beside).services or ()

    assert (one.half_open, one.stale, one.sources, one.gained) == (9, 4, 9, 4)
    assert (one.established, one.opened, one.silent, one.remotes) == (3, 2, 1, 2)
    assert [(str(peer.address), peer.concurrent) for peer in one.peers] == [
        ("203.0.113.7", 2),
        ("203.0.113.8", 1),
    ]
    assert (one.process, one.pid, one.waiting, one.canary) == ("nginx", 700, 3, OPEN)
    assert (other.half_open, other.process, other.capacity) == (2, "", 128)


def test_a_group_of_sockets_is_one_service() -> None:
    """Room adds up; the fullest queue is the one that counts, with its past and its owner."""
    members = (Socket(WEB, 0, 100, 2, 1), Socket(WEB, 0, 100, 90, 2))
    first = sample(0, Socket(WEB, 0, 100, 1, 1), Socket(WEB, 0, 100, 80, 2), cpu_s={700: 1.0})
    last = sample(2, *members, cpu_s={700: 1.5})
    (service,) = between(first, last, Beside({2: NGINX})).services or ()

    assert (service.capacity, service.backlog, service.waiting, service.waited) == (
        200,
        100,
        90,
        80,
    )
    assert (service.pid, service.cpu_s) == (700, 0.5)
    assert last.sockets is not None
    assert groups(last.sockets) == {(WEB, 0): list(members)}


def test_without_backlogs_neither_room_nor_silence_is_known() -> None:
    """The reduced form."""
    proc = Socket(WEB, 0, None, 4, 1)
    last = sample(2, proc, held=(held("203.0.113.7", 1, silent=None),))
    (service,) = between(sample(0, proc), last, Beside()).services or ()

    assert (service.capacity, service.backlog, service.silent, service.established) == (
        None,
        None,
        None,
        1,
    )


def test_a_listener_of_one_device_is_found() -> None:
    """Its requests come to it where no other listens."""
    bound = Socket(WEB, 7, 128, 0, 1)
    last = sample(2, bound, requests={HOME: requests(3)})
    (service,) = between(sample(0, bound), last, Beside()).services or ()

    assert (service.device, service.half_open) == (7, 3)


def test_a_link_without_speed_is_named() -> None:
    """If anything came by it; the first few of many."""

    def loads(packets: int) -> tuple[LinkLoad, ...]:
        return tuple(LinkLoad(f"v{n}", n, 0, 0, packets, 0, None) for n in range(5))

    first, last = sample(0, links=loads(1)), sample(1, links=loads(9))

    assert between(first, last, Beside()).unseen == (
        "how full v0, v1, v2 and 2 more is: its driver tells no speed, --link NAME=RATE does",
    )
    assert between(first, first, Beside()).unseen == ()


def test_what_could_not_be_seen_is_told_once() -> None:
    """Both looks fail alike."""
    blind = ("the CPUs: no",)
    seen = between(sample(0, unseen=blind), sample(1, unseen=blind), Beside(unseen=("log",)))

    assert seen.unseen == ("the CPUs: no", "log")
