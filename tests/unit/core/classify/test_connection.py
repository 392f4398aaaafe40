"""Floods of real handshakes."""

from ipaddress import ip_address

from floodwall.core.signs import Canary, Connections, Peer, Queue, Signs, StackCounters
from floodwall.core.verdict import Kind, Verdict
from tests.support.playbook import endpoint
from tests.support.traffic import Onlooker, Site

BOUND = endpoint("0.0.0.0", 80)


def peers(count: int, concurrent: int, opened: int) -> tuple[Peer, ...]:
    """Name sources that hold and open so many connections each, all of them silent."""
    return tuple(
        Peer(ip_address(f"203.0.113.{n}"), concurrent, concurrent, opened) for n in range(count)
    )


def signs(
    established: int,
    silent: int,
    opened: int = 100,
    held: tuple[Peer, ...] = (),
    *,
    waiting: int = 0,
    canary: bool = True,
) -> Signs:
    """Sense connections of the first site."""
    return Signs(
        queues=(Queue(BOUND, 0, 0, waiting, 511, "nginx", 7),),
        stack=StackCounters(),
        canaries=(Canary(BOUND, connected=canary, took_ms=0.2, why="no answer", index=0),),
        connections=(Connections(0, established, silent, opened, max(len(held), 1), held),),
    )


def warm(established: int = 500, silent: int = 10, seconds: int = 70) -> Onlooker:
    """Look at a site with these connections for a while."""
    looker = Onlooker(Site())
    looker.seconds(seconds, clients=100, more={"signs": signs(established, silent)})
    return looker


def test_the_first_second_of_a_flood_is_not_learned() -> None:
    """Not even right after our start, when a second weighs most."""
    looker = warm(established=100, silent=0, seconds=5)
    said = flood(looker, 300, 4, usual=100)

    assert [verdict.kind for verdict in said[1:]] == [Kind.CONNECTION_FLOOD] * 3
    assert looker.classifier.services[0].learned.silent.level == 0


def flood(looker: Onlooker, rate: int, seconds: int, usual: int = 500) -> list[Verdict]:
    """Open silent connections; they are silent when they are a second old."""
    said = []
    for second in range(1, seconds + 1):
        found = signs(usual + rate * second, rate * (second - 1), rate, peers(50, second, 20))
        said.append(looker.second(clients=100 + rate, more={"signs": found}))
    return said


def test_silent_connections_are_a_connection_flood() -> None:
    """A thousand a second: known when the first are a second old."""
    said = flood(warm(), 1000, 5)

    assert [verdict.kind for verdict in said[1:]] == [Kind.CONNECTION_FLOOD] * 4
    assert "strict" in said[-1].advice
    assert "203.0.113." in said[-1].evidence[1].text


def test_a_slow_one_is_found_when_it_is_large_enough() -> None:
    """Thirty a second: after some seconds most connections are silent."""
    kinds = [verdict.kind for verdict in flood(warm(), 30, 40)]

    assert Kind.CALM is kinds[5]
    assert Kind.CONNECTION_FLOOD is kinds[-1]


def test_listeners_that_only_send_are_no_flood() -> None:
    """All clients of a feed are silent, always; also at our start."""
    looker = Onlooker(Site())
    more = {"signs": signs(5000, 5000)}

    assert {Kind.CALM} == {one.kind for one in looker.seconds(60, clients=1, more=more)}


def test_a_crowd_brings_its_own_silent_connections() -> None:
    """Browsers open some ahead of need: ten times the clients have ten times as many."""
    looker = warm(silent=40)
    more = {"signs": signs(5000, 400, 1000)}

    assert {Kind.FLASH_CROWD} == {
        one.kind for one in looker.seconds(30, clients=1000, more=more)[1:]
    }


def test_who_waits_to_be_accepted_may_wait_for_a_banner() -> None:
    """Mail clients say nothing before the server does: that is a slow application."""
    looker = warm()
    more = {"signs": signs(560, 520, 10, waiting=512)}
    said = looker.seconds(10, clients=0, stuck=10, more=more)

    assert {Kind.SLOW_APPLICATION} == {verdict.kind for verdict in said[1:]}


def test_silence_and_forged_syns_are_a_mixed_flood() -> None:
    """The evidence of both."""
    looker = warm()
    for second in range(1, 6):
        found = signs(500 + 1000 * second, 1000 * (second - 1), 1000, peers(50, second, 20))
        verdict = looker.second(clients=1100, forged=20_000, more={"signs": found})
    names = {evidence.name for evidence in verdict.evidence}

    assert Kind.MIXED_FLOOD is verdict.kind
    assert {"spoof_index", "silent_connections"} <= names


def test_few_sources_that_do_harm_are_a_real_flood() -> None:
    """They speak, but ten of them open almost everything, and nobody else gets in."""
    looker = warm()
    held = peers(10, 500, 150)
    more = {"signs": signs(5500, 10, 1550, held, canary=False)}
    verdict = looker.seconds(5, clients=1600, more=more)[-1]

    assert Kind.REAL_FLOOD is verdict.kind
    assert verdict.confidence <= 0.7
    assert "canary_failed" in [evidence.name for evidence in verdict.evidence]


def test_few_sources_without_harm_are_a_crowd() -> None:
    """A carrier's shared addresses look like that."""
    looker = warm()
    more = {"signs": signs(5500, 10, 1550, peers(10, 500, 150))}

    assert Kind.FLASH_CROWD is looker.seconds(5, clients=1600, more=more)[-1].kind


def test_a_provider_behind_one_address_is_calm() -> None:
    """2,000 connections a minute from one source."""
    looker = warm()
    more = {"signs": signs(600, 10, 133, peers(1, 100, 33))}

    assert {Kind.CALM} == {one.kind for one in looker.seconds(60, clients=133, more=more)}


def test_an_unknown_number_of_connections_is_no_verdict() -> None:
    """The sensor failed: less is known, and that is said."""
    looker = warm()
    more = {"signs": Signs(queues=(), stack=StackCounters())}
    verdict = looker.seconds(3, clients=120, more=more)[-1]

    assert Kind.CALM is verdict.kind
    assert verdict.confidence < 0.9
    assert "connections" in verdict.evidence[-1].text
