"""/proc/net/tcp and tcp6, line by line."""

from floodwall.core.address import pack
from floodwall.doctor.proc_sockets import read_sockets
from floodwall.doctor.sample import Socket
from tests.support.playbook import endpoint
from tests.support.proc_trees import GENERATIONS, State, tree

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
ANY6, MAPPED = "0" * 32, "0000000000000000FFFF0000"


def test_listeners_requests_and_connections_are_told_apart() -> None:
    """With the accept queue, the age and the sources of requests."""
    state = State(half_open=5, stale=2, waiting=3, established=("203.0.113.7",))
    sockets = read_sockets(tree(GENERATIONS[0], state))

    assert sockets is not None
    assert sockets.listening == (Socket(endpoint("192.0.2.10", 80), 0, None, 3, 15310),)
    ((place, requests),) = sockets.requests.items()
    assert (place, requests.total, requests.stale) == (endpoint("192.0.2.10", 80), 5, 2)
    assert pack("198.51.0.4") in requests.sources
    (held,) = sockets.held
    assert (held.local, held.remote, held.silent) == (place, pack("203.0.113.7"), None)


def test_ipv4_within_ipv6_is_ipv4() -> None:
    """A socket for both families shows its IPv4 clients so; the wildcard stays IPv6."""
    text = (
        f"{HEAD}   0: {ANY6}:0050 {ANY6}:0000 0A 00000000:00000001 00:00000000 00000000 0 0 77 1\n"
        f"   1: {MAPPED}0A0200C0:0050 {MAPPED}077100CB:8000 0C 00000000:00000000 01:0 00000001 "
        "0 0 0 1\n"
    )
    sockets = read_sockets({"net/tcp6": text})

    assert sockets is not None
    assert sockets.listening[0].bound == endpoint("::", 80)
    ((place, requests),) = sockets.requests.items()
    assert (place, requests.stale) == (endpoint("192.0.2.10", 80), 1)
    assert requests.sources == {pack("203.0.113.7")}


def test_no_table_is_not_an_empty_one() -> None:
    """None is what could not be read."""
    assert read_sockets({}) is None
    empty = read_sockets({"net/tcp": HEAD})
    assert empty is not None
    assert empty.listening == ()
