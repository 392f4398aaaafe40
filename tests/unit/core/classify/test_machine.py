"""The machine as a whole."""

from floodwall.core.model import StackLimits
from floodwall.core.signs import LinkLoad, Signs, StackCounters
from floodwall.core.verdict import Kind, Verdict
from tests.support.traffic import Onlooker


def live(seconds: int, per_s: int, looker: Onlooker | None = None, start: int = 0) -> Onlooker:
    """Let SYNs to closed ports come."""
    looker = looker or Onlooker()
    for second in range(1, seconds + 1):
        reasons = {"pass_closed_port": start + per_s * second, "pass_calm_ack": 0}
        looker.second(clients=100, more={"reasons": reasons})
    return looker


def said(looker: Onlooker) -> Verdict:
    """Return what is said of the machine."""
    return looker.said[None]


def test_probes_of_closed_ports_are_a_scan() -> None:
    """500 a second: at once; the services stay calm."""
    looker = live(1, 500, live(30, 0))

    assert Kind.SYN_SCAN is said(looker).kind
    assert Kind.CALM is looker.said[0].kind
    assert said(looker).rates["closed_port_syns_per_s"] == 500


def test_noise_is_learned() -> None:
    """Five a second, day and night, at one address."""
    looker = live(60, 2)
    looker = live(60, 5, looker, 120)

    assert Kind.CALM is said(looker).kind


def test_a_scan_without_end_is_a_flood() -> None:
    """65,535 ports are tried thrice in four seconds at 50,000 a second."""
    looker = live(1, 50_000, live(30, 0))
    begin = said(looker).kind
    looker = live(12, 50_000, looker, 50_000)

    assert [begin, said(looker).kind] == [Kind.SYN_SCAN, Kind.SPOOFED_FLOOD]


def test_counters_that_cannot_be_read_are_not_calm() -> None:
    """Nothing is known for sure."""
    looker = live(5, 0)
    looker.second(clients=100, more={"reasons": {}})

    assert said(looker).confidence <= 0.5


def load(received: int, sent: int, speed: int | None = 10**9) -> Signs:
    """Sense one link that has carried so many bytes."""
    link = LinkLoad("eth0", 2, received, sent, 0, 0, speed)
    return Signs(queues=(), connections=(), stack=StackCounters(), links=(link,))


def test_a_full_link_is_told() -> None:
    """In both directions; it is evidence, no kind of its own."""
    looker = Onlooker()
    looker.second(clients=1, more={"signs": load(0, 0)})
    looker.second(clients=1, more={"signs": load(120_000_000, 120_000_000)})
    texts = [evidence.text for evidence in said(looker).evidence]

    assert texts == ["eth0 receives 96% of its 1,000 Mbit/s", "eth0 sends 96% of its 1,000 Mbit/s"]
    assert Kind.CALM is said(looker).kind
    assert "provider" in said(looker).advice


def test_a_link_of_unknown_speed_is_never_full() -> None:
    """As veth and most virtual ones."""
    looker = Onlooker()
    looker.second(clients=1, more={"signs": load(0, 0, None)})
    looker.second(clients=1, more={"signs": load(10**12, 10**12, None)})

    assert said(looker).evidence == ()


def test_tuning_does_not_change_what_a_flood_is() -> None:
    """tcp_synack_retries is lowered while one is on."""
    looker = Onlooker()
    for retries in (5, 2, 2):
        stack = StackLimits(tcp_synack_retries=retries)
        looker.second(clients=100, more={"stack": stack})

    assert looker.classifier.machine.retries == 5
