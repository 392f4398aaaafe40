"""What belongs to a socket of the stack reaches it, armed or not."""

from __future__ import annotations

from typing import Any

import pytest

from floodwall.kernel._abi import FOLLOW_BYTES, FOLLOW_MS, SEEN_EPOCH_S, Mode, Reason
from tests.support.bout import Bout
from tests.support.oracle.hashes import cells_of
from tests.support.oracle.sources import mark_seen
from tests.support.oracle.world import SECOND_NS, packed
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet
from tests.support.stage import (
    ABSENT,
    CLIENT4,
    CLIENT6,
    CONNECTED_PORT,
    FULL,
    REQUEST_PORT,
    SERVER4,
    SERVER6,
    STRANGER4,
    STRANGER6,
    WEB,
)

pytestmark = pytest.mark.root

LINK = Ethernet()
FAMILIES = ((CLIENT4, STRANGER4, SERVER4), (CLIENT6, STRANGER6, SERVER6))
NOT_SYN = ("A", "PA", "FA", "R", "RA", "SA", "F", "")


def segment(address: str, flags: str, **fields: Any) -> Packet:
    """Return a TCP packet from the address to the server."""
    layer = IPv6(address) if ":" in address else IPv4(address)
    return LINK / layer / TCP(flags=flags, **fields)


def see(bout: Bout, source: str) -> None:
    """Let the source have been seen by the data plane, as by a handshake."""
    mark_seen(bout.world, cells_of(packed(source), 0, bout.world.config.hash_seed))
    bout.sync()


@pytest.mark.parametrize(("client", "stranger", "server"), FAMILIES, ids=["4", "6"])
@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.ARMED])
def test_segments_of_sockets_pass(
    bout: Bout, client: str, stranger: str, server: str, mode: Mode
) -> None:
    """Connections, requests and TIME_WAIT get all of theirs while cookies may come back."""
    bout.limit(mode=mode, ack_guard=True)
    waiting = bout.stage.time_wait(server, client, 43000 + mode)
    owners = ((client, CONNECTED_PORT), (stranger, REQUEST_PORT), (client, waiting[1]))
    found = {
        bout.reason(segment(source, flags, source=port))
        for source, port in owners
        for flags in NOT_SYN
    }

    assert found == {Reason.PASS_ESTABLISHED}


def test_calm_service_looks_nothing_up(bout: Bout) -> None:
    """Without guard, armed time or outstanding cookies an ACK costs no look-up."""
    for flags in NOT_SYN:
        assert bout.reason(segment("203.0.113.77", flags)) is Reason.PASS_CALM_ACK


def test_cookies_are_looked_for_as_long_as_they_live(bout: Bout) -> None:
    """After the last challenge, valid cookies count for 128 s, strays pass when calm."""
    bout.limit(forced_until_ns=bout.world.now_ns + SECOND_NS)
    ack = bout.answer(segment("203.0.113.77", "S"))
    bout.pass_time(128 * SECOND_NS - 1)
    in_time, stray = bout.reason(ack), bout.reason(segment("203.0.113.78", "A"))
    bout.pass_time(1)

    assert (in_time, stray) == (Reason.PASS_COOKIE, Reason.PASS_CALM_ACK)
    assert bout.reason(ack) is Reason.PASS_CALM_ACK


@pytest.mark.parametrize("guarded", [False, True])
def test_guard_drops_stray_acks_of_a_calm_service(bout: Bout, *, guarded: bool) -> None:
    """The guard is for ACK floods alone: SYNs go on as before."""
    bout.limit(ack_guard=guarded)
    found = {bout.reason(segment("203.0.113.77", flags)) for flags in NOT_SYN}

    assert found == {Reason.DROP_BAD_ACK if guarded else Reason.PASS_CALM_ACK}
    assert bout.reason(segment("203.0.113.77", "S")) is Reason.PASS_CALM_SYN
    assert bout.web.tally.bad_acks == len(NOT_SYN) * guarded


def test_service_without_listener_drops_nothing(bout: Bout) -> None:
    """A listener that has just gone answers with a reset, as without us."""
    for service in bout.world.services.values():
        service.limits = type(service.limits)(mode=Mode.ARMED)
    bout.sync()

    assert bout.reason(segment("203.0.113.7", "A", destination=ABSENT)) is Reason.PASS_NO_LISTENER


@pytest.mark.parametrize(("client", "stranger", "server"), FAMILIES, ids=["4", "6"])
def test_known_syn_reaches_its_socket_while_armed(
    bout: Bout, client: str, stranger: str, server: str
) -> None:
    """A SYN for TIME_WAIT, a request or a connection is not challenged, if its source was seen."""
    bout.limit(mode=Mode.ARMED)
    waiting = bout.stage.time_wait(server, client, 43010)
    owners = ((client, waiting[1]), (stranger, REQUEST_PORT), (client, CONNECTED_PORT))
    unseen = {bout.reason(segment(source, "S", source=port)) for source, port in owners}
    see(bout, client)
    see(bout, stranger)
    seen = {bout.reason(segment(source, "S", source=port)) for source, port in owners}

    assert unseen == {Reason.CHALLENGE_FLOOD}
    assert seen == {Reason.PASS_KNOWN_SYN}
    assert bout.reason(segment(client, "S", source=43999)) is Reason.CHALLENGE_FLOOD


def test_time_wait_is_free_and_other_sockets_have_a_budget(bout: Bout) -> None:
    """Repeated SYNs of a connection are challenged beyond the rate, those of TIME_WAIT never."""
    bout.configure(known_rate=2)
    bout.limit(mode=Mode.ARMED)
    see(bout, CLIENT4)
    waiting = bout.stage.time_wait(SERVER4, CLIENT4, 43020)
    free = [bout.reason(segment(CLIENT4, "S", source=waiting[1])) for _ in range(4)]
    paid = [bout.reason(segment(CLIENT4, "S", source=CONNECTED_PORT)) for _ in range(3)]

    assert free == [Reason.PASS_KNOWN_SYN] * 4
    assert paid == [Reason.PASS_KNOWN_SYN] * 2 + [Reason.CHALLENGE_FLOOD]


@pytest.mark.parametrize(
    ("after_s", "seen"), [(0, True), (SEEN_EPOCH_S, True), (2 * SEEN_EPOCH_S, False)]
)
def test_source_is_remembered_one_to_two_epochs(bout: Bout, after_s: int, *, seen: bool) -> None:
    """Seen in this epoch or the last counts, before that not."""
    bout.limit(mode=Mode.ARMED)
    see(bout, CLIENT4)
    bout.pass_time(after_s * SECOND_NS)
    syn = segment(CLIENT4, "S", source=CONNECTED_PORT)

    assert (bout.reason(syn) is Reason.PASS_KNOWN_SYN) is seen


def test_forgotten_source_stays_forgotten(bout: Bout) -> None:
    """Who shares a cell of the filter with a newcomer is not remembered through him."""
    seed = bout.world.config.hash_seed
    place = cells_of(packed(CLIENT4), 0, seed)
    candidates = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in range(1, 1 << 20))
    newcomer = next(
        address
        for address in candidates
        if (cells := cells_of(packed(address), 0, seed)).seen == place.seen
        and cells.seen_bit != place.seen_bit
    )
    see(bout, CLIENT4)
    bout.pass_time(3 * SEEN_EPOCH_S * SECOND_NS)
    bout.reason(segment(newcomer, "S"))
    bout.limit(mode=Mode.ARMED)

    assert bout.reason(segment(CLIENT4, "S", source=CONNECTED_PORT)) is Reason.CHALLENGE_FLOOD


def test_calm_syn_makes_its_source_seen(bout: Bout) -> None:
    """The first retransmission after arming still finds its request."""
    bout.reason(segment(STRANGER4, "S", source=REQUEST_PORT))
    bout.limit(mode=Mode.ARMED)

    assert bout.reason(segment(STRANGER4, "S", source=REQUEST_PORT)) is Reason.PASS_KNOWN_SYN


@pytest.mark.parametrize(
    ("late_ms", "ahead", "off", "follows"),
    [
        (0, 0, 0, True),
        (FOLLOW_MS - 1, FOLLOW_BYTES, 0, True),
        (FOLLOW_MS, 1, 0, False),
        (0, FOLLOW_BYTES + 1, 0, False),
        (0, -1, 0, False),
        (0, 1, 1, False),
    ],
)
@pytest.mark.parametrize("port", [WEB, FULL])
def test_data_close_behind_a_cookie_follows_it(
    bout: Bout, port: int, late_ms: int, ahead: int, off: int, *, follows: bool
) -> None:
    """Within time, window and acknowledgement it passes; if the listener is full it waits."""
    for service in bout.world.services.values():
        service.limits = type(service.limits)(mode=Mode.ARMED)
    bout.sync()
    source = "203.0.113.77"
    ack = bout.answer(segment(source, "S", destination=port))
    acknowledged = int.from_bytes(ack[42:46], "big") + off
    bout.reason(ack)
    bout.pass_time(late_ms * 1_000_000)
    sequence = TCP().sequence + 1 + ahead
    numbers = {"sequence": sequence, "acknowledgement": acknowledged, "destination": port}
    data = segment(source, "PA", **numbers) / b"GET / HTTP/1.1"
    followed = Reason.DROP_NO_ROOM if port == FULL else Reason.PASS_FOLLOWER

    assert bout.reason(data) is (followed if follows else Reason.DROP_BAD_ACK)
