"""A cookie brings back exactly what the handshake negotiated, and nothing else is one."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from floodwall.kernel._abi import FOLLOW_MS, HANDOVER_MAGIC, Flag, Mode, Option, Reason
from tests.support.bout import Bout
from tests.support.corpus import answer
from tests.support.dissect import Reply, dissect
from tests.support.oracle.cookie import Terms, encode_state
from tests.support.oracle.world import ALL_OPTIONS, Key
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet
from tests.support.stage import SECURE, Stage
from tests.support.subject import Subject
from tests.support.tcp_options import NOP, SACK_PERMITTED, TcpOption, mss, timestamps, window_scale

pytestmark = pytest.mark.root

TABLES = {4: (536, 1300, 1440, 1460), 6: (1220, 1420, 1440, 8940)}
SIZES = (None, 0, 1, 535, 536, 1219, 1220, 1300, 1420, 1440, 1459, 1460, 8960, 65535)
SCALES = (None, *range(15), 15, 255)
FOLLOWING_NS = FOLLOW_MS * 1_000_000  # until then, packets may follow a valid cookie
CLIENT_CLOCK, OUR_SCALE = 0x10203040, 7


@pytest.fixture
def armed(bout: Bout) -> Bout:
    """Return dealings with a web service that challenges every SYN."""
    bout.limit(mode=Mode.ARMED)
    return bout


def network(version: int) -> IPv4 | IPv6:
    """Return a header to the server."""
    return IPv4() if version == 4 else IPv6()


def syn(
    version: int,
    *,
    size: int | None = None,
    scale: int | None = None,
    sack: bool = False,
    times: bool = False,
    ecn: bool = False,
) -> Packet:
    """Return a SYN that offers these options."""
    options: list[TcpOption] = []
    options += [] if size is None else [mss(size)]
    options += [SACK_PERMITTED] if sack else []
    options += [timestamps(CLIENT_CLOCK)] if times else []
    options += [] if scale is None else [window_scale(scale)]
    return Ethernet() / network(version) / TCP(flags="SEC" if ecn else "S", options=options)


def tabled(size: int, version: int) -> int:
    """Return the largest segment size of the table that is not above `size`."""
    return max((entry for entry in TABLES[version] if entry <= size), default=TABLES[version][0])


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("times", [False, True])
@pytest.mark.parametrize("sack", [False, True])
@pytest.mark.parametrize("ecn", [False, True])
def test_options_survive_the_round_trip(
    armed: Bout, version: int, *, times: bool, sack: bool, ecn: bool
) -> None:
    """For each MSS and window scale, what is handed over is what was offered and announced."""
    for size, scale in product(SIZES, SCALES):
        offered = syn(version, size=size, scale=scale, sack=sack, times=times, ecn=ecn)
        armed.pass_time(FOLLOWING_NS)
        ack = armed.answer(offered)
        announced = dissect(armed.output)
        met = armed.send(ack)
        exact = max(size or 0, TABLES[version][0])
        with_ecn = ecn and sack and scale is not None

        assert met.reason is Reason.PASS_COOKIE
        assert met.handover.magic == HANDOVER_MAGIC
        assert met.handover.mss == (exact if times else tabled(exact, version))
        assert met.handover.snd_wscale == min(scale or 0, 14)
        assert met.handover.rcv_wscale == OUR_SCALE
        assert met.handover.options == (
            (Option.WSCALE if scale is not None else 0)
            | (Option.SACK if sack else 0)
            | (Option.ECN if with_ecn else 0)
            | (Option.TIMESTAMPS if times else 0)
        )
        assert announced.flags == ("SAE" if with_ecn else "SA")
        assert_announced(announced, version, scale=scale, sack=sack, times=times)


def assert_announced(
    reply: Reply, version: int, *, scale: int | None, sack: bool, times: bool
) -> None:
    """Assert that the SYN-ACK offers back what was offered, no more and no less."""
    our_size = 1460 if version == 4 else 1440

    assert reply.option(2) == our_size.to_bytes(2, "big")
    assert reply.option(3) == (None if scale is None else bytes([OUR_SCALE]))
    assert (reply.option(4) is not None) is sack
    echoed = reply.option(8)
    assert (echoed is not None) is times
    assert echoed is None or echoed[4:] == CLIENT_CLOCK.to_bytes(4, "big")
    assert reply.checksums_hold
    assert reply.acknowledgement == TCP().sequence + 1


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("flag", [Flag.SACK, Flag.WSCALE, Flag.TIMESTAMPS, Flag.ECN])
def test_option_that_the_machine_does_not_use_is_not_offered(
    armed: Bout, version: int, flag: Flag
) -> None:
    """What a sysctl switched off is neither announced nor handed over."""
    armed.configure(flags=ALL_OPTIONS & ~flag)
    ack = armed.answer(syn(version, size=1460, scale=3, sack=True, times=True, ecn=True))
    reply = dissect(armed.output)
    met = armed.send(ack)
    bit = {
        Flag.SACK: Option.SACK | Option.ECN,  # without SACK there is no room for ECN
        Flag.WSCALE: Option.WSCALE | Option.ECN,
        Flag.TIMESTAMPS: Option.TIMESTAMPS,
        Flag.ECN: Option.ECN,
    }[flag]
    every = Option.SACK | Option.WSCALE | Option.TIMESTAMPS | Option.ECN

    assert met.reason is Reason.PASS_COOKIE
    assert met.handover.options == every & ~bit
    assert ("E" in reply.flags) is not bool(bit & Option.ECN)
    assert (reply.option(4) is None) is (flag is Flag.SACK)
    assert (reply.option(3) is None) is (flag is Flag.WSCALE)
    assert (reply.option(8) is None) is (flag is Flag.TIMESTAMPS)


@pytest.mark.parametrize("version", [4, 6])
def test_just_the_states_of_the_cookie_are_accepted(armed: Bout, version: int) -> None:
    """Of 400 acknowledgement numbers around the hash, the 188 states pass and no other does."""
    offered = bytes(syn(version, size=1440, scale=5, sack=True))
    armed.answer(offered)
    isn = dissect(armed.output).sequence
    terms = _terms(1440, 5)
    base = isn - encode_state(terms, version)
    accepted = [
        state
        for state in range(-106, 294)
        if armed.reason(answer(offered, base + state & 0xFFFFFFFF, None)) is Reason.PASS_COOKIE
    ]

    assert accepted == list(range(188))


@pytest.mark.parametrize("version", [4, 6])
def test_cookie_is_bound_to_its_connection(armed: Bout, version: int) -> None:
    """Another address, port, service or sequence number makes the same cookie worthless."""
    armed.world.services[1].limits = armed.web.limits
    armed.sync()
    armed.answer(syn(version, size=1460))
    isn = dissect(armed.output).sequence
    layer = network(version)
    other = IPv4("198.51.100.8") if version == 4 else IPv6("2001:db8:1::8")
    begun = TCP().sequence
    forged = (
        Ethernet() / other / _ack(isn),
        Ethernet() / layer / _ack(isn, source=40005),
        Ethernet() / layer / _ack(isn, destination=SECURE),
        Ethernet() / layer / _ack(isn, sequence=begun),
        Ethernet() / layer / _ack(isn, sequence=begun + 2),
        Ethernet() / layer / _ack(isn, flags="SA"),
        Ethernet() / layer / _ack(isn, flags="RA"),
        Ethernet() / layer / _ack(isn, flags="P"),
        Ethernet() / layer / _ack(isn, options=[timestamps(1, 2)]),
    )

    assert {armed.reason(packet) for packet in forged} == {Reason.DROP_BAD_ACK}
    assert armed.reason(Ethernet() / layer / _ack(isn, flags="FPA")) is Reason.PASS_COOKIE


@pytest.mark.parametrize("bit", range(32))
def test_every_bit_of_the_echoed_timestamp_counts(armed: Bout, bit: int) -> None:
    """A timestamp that was not ours is refused; only bits of the MSS may name another of its kind.

    The exact MSS travels in the upper half: a flip there passes only within the same table entry,
    which gives a forger nothing that the sequence number does not protect.
    """
    offered = bytes(syn(4, size=1460, times=True))
    armed.answer(offered)
    reply = dissect(armed.output)
    echoed = int.from_bytes((reply.option(8) or b"")[:4], "big")
    met = armed.send(answer(offered, reply.sequence, echoed ^ 1 << bit))
    size = 1460 ^ (1 << bit >> 16)
    harmless = bit >= 16 and size >= 1460

    assert met.reason is (Reason.PASS_COOKIE if harmless else Reason.DROP_BAD_ACK)


def test_rotated_key_is_accepted_until_it_is_replaced(armed: Bout) -> None:
    """A cookie outlives one rotation and not two; the scale comes from the key that made it."""
    ack = armed.answer(syn(4, size=1460, scale=2))
    armed.world.keys = [armed.world.keys[0], Key(3, 4, window_scale=9)]
    armed.configure(key_current=1)
    once = armed.send(ack)
    fresh = armed.answer(syn(4, size=1460, scale=2))
    announced = dissect(armed.output)
    armed.world.keys = [Key(5, 6), armed.world.keys[1]]
    armed.pass_time(FOLLOWING_NS)
    armed.sync()

    assert (once.reason, once.handover.rcv_wscale) == (Reason.PASS_COOKIE, OUR_SCALE)
    assert armed.reason(ack) is Reason.DROP_BAD_ACK
    assert announced.option(3) == b"\x09"
    assert armed.send(fresh).handover.rcv_wscale == 9


def test_invalid_key_accepts_nothing_and_makes_nothing(armed: Bout) -> None:
    """Without a valid key a SYN passes as unanswerable; nobody is locked out."""
    ack = armed.answer(syn(4))
    armed.world.keys = [Key(1, 2, valid=False), None]
    armed.sync()

    assert armed.reason(ack) is Reason.DROP_BAD_ACK
    assert armed.reason(syn(4)) is Reason.PASS_UNANSWERABLE


@pytest.mark.parametrize("flag", [Flag.SACK, Flag.WSCALE, Flag.TIMESTAMPS, Flag.ECN])
def test_what_was_promised_is_kept_when_a_sysctl_changes(armed: Bout, flag: Flag) -> None:
    """An option that is switched off between SYN-ACK and ACK still holds for that handshake."""
    ack = armed.answer(syn(4, size=1460, scale=3, sack=True, times=True, ecn=True))
    armed.configure(flags=ALL_OPTIONS & ~flag)
    met = armed.send(ack)
    every = Option.SACK | Option.WSCALE | Option.TIMESTAMPS | Option.ECN

    assert (met.reason, met.handover.options) == (Reason.PASS_COOKIE, every)


@pytest.mark.parametrize("flags", [ALL_OPTIONS, 0])
def test_timestamps_come_back_exactly_if_they_were_agreed(armed: Bout, flags: int) -> None:
    """An ACK with timestamps to a handshake without is refused, and the other way round."""
    armed.configure(flags=flags)
    offered = bytes(syn(4, times=True))
    armed.answer(offered)
    reply = dissect(armed.output)
    agreed = reply.option(8)
    wrong = None if agreed else 0

    assert (agreed is not None) is bool(flags)
    assert armed.reason(answer(offered, reply.sequence, wrong)) is Reason.DROP_BAD_ACK


def test_broken_option_list_ends_where_it_breaks(armed: Bout) -> None:
    """Options behind a broken one are not read, as in the kernel's own parser."""
    lists = {
        (mss(1300), TcpOption(3, b"\x05", 1), SACK_PERMITTED): (1300, 0),
        (mss(1300), TcpOption(9, b"", 40), SACK_PERMITTED): (1300, 0),
        (mss(1300), TcpOption(0), SACK_PERMITTED): (1300, 0),
        (TcpOption(2, b"\x05"), mss(1440), SACK_PERMITTED): (1440, Option.SACK),
        (mss(1440), TcpOption(254, b"abc"), SACK_PERMITTED, mss(1300)): (1300, Option.SACK),
        (window_scale(15),): (536, Option.WSCALE),
        (mss(1440), mss(0)): (1440, 0),
        (NOP, NOP, TcpOption(3, b"", 3)): (536, 0),
    }
    for options, (size, bits) in lists.items():
        offered = Ethernet() / IPv4() / TCP(options=options)
        armed.pass_time(FOLLOWING_NS)
        met = armed.send(armed.answer(offered))

        assert met.reason is Reason.PASS_COOKIE
        assert (met.handover.mss, met.handover.options) == (size, bits)


def test_what_was_decoded_waits_for_tc_where_there_is_no_room(stage: Stage) -> None:
    """A driver without room in front of packets gets the same through the table of followers."""
    with Subject(constants={"fw_no_metadata": 1}) as subject:
        cramped = Bout(Stage(subject, stage.sockets, stage.listeners))
        cramped.world.no_metadata = True
        cramped.limit(mode=Mode.ARMED)
        ack = cramped.answer(syn(6, size=1440, scale=3, sack=True, times=True))
        met = cramped.send(ack)
        cramped.check()

    assert (met.reason, met.output) == (Reason.PASS_COOKIE, ack)


def _ack(isn: int, **fields: Any) -> TCP:
    given: dict[str, Any] = {
        "sequence": TCP().sequence + 1,
        "acknowledgement": isn + 1 & 0xFFFFFFFF,
        "flags": "A",
    }
    return TCP(**{**given, **fields})


def _terms(size: int, scale: int) -> Terms:
    return Terms(mss=size, window_scale=scale, sack=True, ecn=False, timestamp=None)
