"""One service between two observations."""

from floodwall.core.classify.flow import FLOWS, Flow
from floodwall.core.classify.scene import Scene
from floodwall.core.classify.service import ServiceMemory, advance, calm_flows, look
from floodwall.core.classify.standing import Standing
from floodwall.core.classify.unanswered import USUAL_COLD, USUAL_MOST
from floodwall.core.model import SECOND_NS, Reading
from floodwall.core.settings import ServiceMode
from floodwall.core.verdict import Kind
from tests.support.traffic import Onlooker, Site

SITE = Site()
SCENE = Scene(100 * SECOND_NS, None, 63.0, 4096)
FRESH = ServiceMemory(SITE.service.bound, 0)


def test_a_memory_is_of_its_listeners() -> None:
    """Not of those that had the index before."""
    assert FRESH.name == "0.0.0.0:80%0"
    assert [FRESH.is_of(SITE.service), FRESH.is_of(Site(0, 511, 443).service)] == [True, False]


def test_flows_are_bounded_and_forget_a_gap() -> None:
    """After more than five seconds they say nothing of each other."""
    memory = FRESH
    for second in range(30):
        memory = advance(memory, Reading(0, syns=second), second * SECOND_NS)
    late = advance(memory, Reading(0, syns=99), 40 * SECOND_NS)

    assert (len(memory.flows), len(late.flows)) == (FLOWS, 1)
    assert late.flows[0].seconds == 11


def test_only_flows_since_it_is_calm_are_calm() -> None:
    """Challenges before were those of a flood."""
    flows = tuple(Flow(1.0, n) for n in range(10))
    reading = Reading(0, armed_until_ns=97 * SECOND_NS)
    memory = ServiceMemory(SITE.service.bound, 0, reading, 100 * SECOND_NS, flows)

    def calm(at_s: int) -> int:
        return len(calm_flows(memory, SITE.service, SITE.limits, at_s * SECOND_NS))

    assert [calm(96), calm(97), calm(100), calm(200)] == [0, 0, 3, 10]


def test_an_armed_service_is_granted_what_a_bad_network_loses() -> None:
    """Until a flood was found: nothing tells a SYN that is sent again from another."""
    armed = Site(mode=ServiceMode.ARMED)
    reading = Reading(0)
    shares = [
        look(
            ServiceMemory(armed.service.bound, 0, reading, 0, standing=Standing(kind)),
            armed.service,
            armed.limits,
            SCENE,
        ).usual.unanswered_share
        for kind in (Kind.CALM, Kind.SPOOFED_FLOOD)
    ]

    assert shares == [USUAL_MOST, USUAL_COLD]


def test_how_long_it_is_armed_is_told_by_the_kernel() -> None:
    """Unknown, where the daemon or the operator armed it."""
    reading = Reading(0, armed_at_ns=98 * SECOND_NS, armed_until_ns=101 * SECOND_NS)
    memory = ServiceMemory(SITE.service.bound, 0, reading, 100 * SECOND_NS)
    always = Site(mode=ServiceMode.ARMED)

    assert look(memory, SITE.service, SITE.limits, SCENE).armed_s == 2
    assert look(FRESH, SITE.service, SITE.limits, SCENE).armed_s is None
    assert look(FRESH, always.service, always.limits, SCENE).armed_s == 0


def test_an_attack_is_not_learned_from() -> None:
    """Neither while it is found nor while it is held."""
    looker = Onlooker()
    looker.seconds(100, clients=100)
    before = looker.classifier.services[0].learned
    looker.seconds(30, clients=10, forged=5000)
    looker.seconds(8, clients=10)

    assert looker.classifier.services[0].learned is before
