"""Blind acknowledgements are refused: the odds of one are those that the documentation states."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from floodwall.kernel._abi import Mode
from tests.support.bout import Bout
from tests.support.oracle.verdict import Action
from tests.support.oracle.world import Key
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet
from tests.support.tcp_options import NOP, timestamps

pytestmark = pytest.mark.root

BLIND = 500_000  # for each IP version; a million in all
ODDS = 2 * 188 / 2**32  # two keys, 188 states each: docs/threat-model.md
LUCKY_MAX = 2  # of a million: 0.09 are expected, more than 2 come once in 10,000 runs
SEED = 4987
_PORTS = [port.to_bytes(2, "big") for port in range(1024, 2048)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("layer", [IPv4(), IPv6()], ids=["ipv4", "ipv6"])
def test_blind_acknowledgements_are_refused(bout: Bout, layer: IPv4 | IPv6) -> None:
    """Half a million guesses with two live keys find no more cookies than chance allows."""
    guesses = _guess(bout, Ethernet() / layer / TCP(flags="A"), BLIND)

    assert guesses[Action.PASS] <= LUCKY_MAX
    assert guesses[Action.DROP] + guesses[Action.PASS] == BLIND
    assert BLIND * ODDS < 0.05


@pytest.mark.timeout(300)
def test_blind_timestamps_do_not_help(bout: Bout) -> None:
    """A guess with timestamps must meet 16 zero bits more: none does."""
    tcp = TCP(flags="A", options=[NOP, NOP, timestamps(0, 0)])
    guesses = _guess(bout, Ethernet() / IPv4() / tcp, 200_000)

    assert guesses == {Action.DROP: 200_000}


def _guess(bout: Bout, packet: Packet, count: int) -> Counter[int]:
    """Send the packet with random ports, numbers and last word."""
    bout.world.keys = [Key(11, 12), Key(13, 14)]
    bout.limit(mode=Mode.ARMED)
    frame = bytearray(bytes(packet))
    ports = 14 + (20 if frame[14] >> 4 == 4 else 40)
    numbers, echo = ports + 4, ports + 28
    rng = Random(SEED)
    verdicts: Counter[int] = Counter()
    for _ in range(count):
        frame[ports : ports + 2] = _PORTS[rng.getrandbits(10)]
        frame[numbers : numbers + 8] = rng.randbytes(8)
        if len(frame) > echo:
            frame[echo : echo + 4] = rng.randbytes(4)
        verdicts[bout.stage.subject.run(bytes(frame))[0]] += 1
    bout.sync()
    return verdicts
