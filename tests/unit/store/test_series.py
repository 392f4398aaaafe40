"""The facts of a second."""

from ipaddress import ip_address

from floodwall.core.model import Endpoint, Reading
from floodwall.core.observation import Observation
from floodwall.core.signs import (
    Canary,
    Connections,
    Conntrack,
    CpuLoad,
    LinkLoad,
    Queue,
    Signs,
    StackCounters,
)
from floodwall.core.verdict import Kind
from floodwall.store.series import Glimpse, facts, glimpse
from tests.support.records import BEGAN_NS, moment, service, verdict

WEB = service()


def link(received_bytes: int, index: int = 2) -> LinkLoad:
    """Return an interface that has received so much."""
    return LinkLoad("eth0", index, received_bytes, 0, 0, 0, None)


def look(at_s: float, *readings: Reading, **more: object) -> Glimpse:
    """Return a glimpse of an observation."""
    signs = more.pop("signs", Signs())
    assert isinstance(signs, Signs)
    dropped = {"drop_ban": 10 * int(at_s), "pass_calm": 77}
    seen = Observation(BEGAN_NS, readings=readings, reasons=dropped, signs=signs)
    return glimpse(moment(at_s), seen)


def test_rates_are_per_second_of_the_monotonic_clock() -> None:
    """Also when a second took two."""
    before = look(0, Reading(0, syns=100, passed=90, pending=3))
    now = look(2, Reading(0, syns=300, passed=90, pending=9))
    found = facts(now, before, WEB)

    assert found["syns"] == 100
    assert found["passed"] == 0
    assert found["pending"] == 9
    assert found["dropped"] == 10


def test_counters_that_were_cleared_give_no_negative_rates() -> None:
    """A service that was made anew counts from zero."""
    found = facts(look(1, Reading(0, syns=5)), look(0, Reading(0, syns=1000)), WEB)

    assert found["syns"] == 0


def test_the_machine_is_all_its_services() -> None:
    """New ones begin with no growth."""
    before = look(0, Reading(0, syns=10), Reading(1, syns=20))
    now = look(1, Reading(0, syns=20), Reading(1, syns=40), Reading(2, syns=5000))

    assert facts(now, before, None)["syns"] == 30


def test_what_was_not_sensed_is_left_out() -> None:
    """It is not zero."""
    assert facts(look(1), look(0), WEB) == {"dropped": 10.0}


def test_zeros_of_nobody_s_counting_are_left_out() -> None:
    """Where there is no data plane only what waits is known."""
    seen = Observation(BEGAN_NS, readings=(Reading(0, pending=7),), data_plane=False)

    assert facts(glimpse(moment(1), seen), glimpse(moment(0), seen), WEB) == {"pending": 7}


def test_every_sign_has_its_fact() -> None:
    """Of the machine, and of this service alone."""
    other = Endpoint(ip_address("0.0.0.0"), 443)
    signs = Signs(
        queues=(
            Queue(WEB.bound, 0, half_open=7, waiting=3, backlog=4),
            Queue(other, 0, half_open=100, waiting=100, backlog=100),
        ),
        stack=StackCounters(listen_overflows=50),
        links=(link(2000),),
        cpu=CpuLoad(0.5, 0.25, 0.75),
        conntrack=Conntrack(50, 100, 0, 0, 0),
        canaries=(Canary(WEB.bound, connected=True, took_ms=1.25), Canary(other, connected=False)),
        connections=(
            Connections(0, established=9, silent=4, opened=1, sources=2),
            Connections(1, established=900, silent=0, opened=0, sources=1),
        ),
    )
    earlier = Signs(stack=StackCounters(listen_overflows=20), links=(link(1000),))
    found = facts(look(1, signs=signs), look(0, signs=earlier), WEB, verdict(Kind.MIXED_FLOOD))

    assert found == {
        "dropped": 10.0,
        "cpu_busy": 0.5,
        "softirq": 0.25,
        "conntrack_fill": 0.5,
        "listen_overflows": 30.0,
        "listen_drops": 0.0,
        "request_queue_drops": 0.0,
        "cookies_sent": 0.0,
        "received_bit_s": 8000,
        "half_open": 7,
        "waiting": 3,
        "accept_queue_fill": 0.75,
        "established": 9,
        "silent": 4,
        "sources": 2,
        "canary_connected": True,
        "canary_ms": 1.25,
        "confidence": 0.9,
        "spoof_index": 0.99,
    }
