"""ACK floods."""

from floodwall.core.classify.acks import find_reset_storm
from floodwall.core.signs import Signs, StackCounters
from floodwall.core.verdict import Kind
from tests.support.traffic import Onlooker


def warm() -> Onlooker:
    """Look at a quiet site for a while."""
    looker = Onlooker()
    looker.seconds(30, clients=100)
    return looker


def test_acks_of_nobody_are_an_ack_flood() -> None:
    """At a service that a smaller SYN flood armed; the evidence of both."""
    verdict = warm().seconds(3, clients=100, forged=5000, bad_acks=1_000_000)[-1]

    assert Kind.ACK_FLOOD is verdict.kind
    assert {"bad_acks_per_s", "spoof_index"} <= {one.name for one in verdict.evidence}


def test_resets_of_forged_hosts_are_backscatter() -> None:
    """A live host whose address was forged answers our SYN-ACK: no more than one a challenge."""
    said = warm().seconds(10, clients=100, forged=5000, bad_acks=5000)

    assert Kind.ACK_FLOOD not in {verdict.kind for verdict in said}
    assert Kind.SPOOFED_FLOOD is said[-1].kind


def test_more_syns_than_acks_are_a_syn_flood() -> None:
    """Named by what there is more of."""
    assert (
        Kind.SPOOFED_FLOOD
        is warm().seconds(3, clients=100, forged=110_000, bad_acks=20_000)[-1].kind
    )


def test_strays_of_an_armed_service_are_usual() -> None:
    """Each connection may leave a few."""
    said = warm().seconds(10, clients=500, bad_acks=1000)

    assert Kind.ACK_FLOOD not in {verdict.kind for verdict in said}


def machine(resets: int, calm_acks: int, closed: int = 0) -> Kind:
    """Let the stack of a calm machine send so many resets a second; say what the machine is."""
    looker = Onlooker()
    sent = acks = probes = 0
    for second in range(40):
        if second >= 30:
            sent, acks, probes = sent + resets, acks + calm_acks, probes + closed
        stack = StackCounters(out_resets=sent)
        looker.second(
            clients=100,
            more={
                "signs": Signs(queues=(), connections=(), stack=stack),
                "reasons": {"pass_calm_ack": acks + second, "pass_closed_port": probes},
            },
        )
    return looker.said[None].kind


def test_resets_of_a_calm_machine_show_an_ack_flood() -> None:
    """Nobody looks the ACKs up there; the stack answers each with a reset."""
    assert [machine(5000, 6000), machine(300, 6000)] == [Kind.ACK_FLOOD, Kind.CALM]


def test_resets_for_closed_ports_are_no_ack_flood() -> None:
    """Those are a scan's."""
    assert Kind.SYN_SCAN is machine(900, 6000, closed=900)


def test_resets_without_segments_are_the_applications_own() -> None:
    """It aborts its connections."""
    assert find_reset_storm(5000.0, 1.0, 10.0, 100.0) is None
    assert find_reset_storm(5000.0, 1.0, 2000.0, 9000.0) is None
