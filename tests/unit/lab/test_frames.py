"""The frames of a flood, checked by arithmetic that knows nothing of how they were made."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from floodwall.lab import frames
from floodwall.lab.addresses import Family, is_in_lab, server
from floodwall.lab.flood import Aim, Flood, Ports, Segment, Sources, Sweep
from tests.support.checksums import checksum_holds

RANDOM = Flood(Sources.RANDOM, None)


def aim(family: Family) -> Aim:
    """Return a target in the lab."""
    return Aim("fw0", "02:00:00:00:00:01", "02:00:00:00:00:02", str(server(family)), 80)


def parts(frame: bytes, family: Family) -> tuple[bytes, bytes, bytes]:
    """Return IP header, pseudo-header and segment."""
    end = 34 if family is Family.IPV4 else 54
    ip, segment = frame[14:end], frame[end:]
    addresses = ip[12:20] if family is Family.IPV4 else ip[8:40]
    return ip, addresses + len(segment).to_bytes(4) + (6).to_bytes(4), segment


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("sources", Sources)
@pytest.mark.parametrize("segment", Segment)
@pytest.mark.parametrize("options", [True, False])
def test_every_checksum_is_right(
    family: Family, sources: Sources, segment: Segment, *, options: bool
) -> None:
    """A server that looks sees ordinary packets."""
    flood = replace(RANDOM, sources=sources, family=family, segment=segment, options=options,
                    addresses=(str(server(family)),), sweep=Sweep(1, 7))  # fmt: skip
    for row in frames.ring(flood, aim(family), 64):
        ip, pseudo, tcp = parts(row.tobytes(), family)

        assert family is Family.IPV6 or checksum_holds(ip)
        assert checksum_holds(pseudo + tcp)


@pytest.mark.parametrize("family", Family)
def test_random_sources_differ_and_are_nobody_in_the_lab(family: Family) -> None:
    """A forged source can never be one of the clients."""
    begin, end = (26, 30) if family is Family.IPV4 else (22, 38)
    rows = frames.ring(replace(RANDOM, family=family), aim(family), 1000)
    sources = {ip_address(row[begin:end].tobytes()) for row in rows}

    assert len(sources) > 990
    assert not any(is_in_lab(source) for source in sources)


def test_fixed_sources_are_the_same_in_every_run_and_take_turns() -> None:
    """572 addresses with a port each, every one as often as the others."""
    flood = replace(RANDOM, sources=Sources.FIXED, ports=Ports.FIXED)
    rows = frames.ring(flood, aim(Family.IPV4), 2 * 572)
    sent = [(row[26:30].tobytes(), int.from_bytes(row[34:36].tobytes())) for row in rows]

    assert sent[:572] == sent[572:]
    assert sent[:572] == [(one[12:], port) for one, port in frames.fixed_sources(flood)]
    assert len(set(sent)) == 572


@pytest.mark.parametrize("family", Family)
def test_listed_sources_are_forged_as_they_are_written(family: Family) -> None:
    """Even those that are somebody in the lab."""
    named = [str(server(family)), str(server(family) + 7)]
    flood = replace(RANDOM, sources=Sources.LISTED, addresses=tuple(named), family=family)
    begin, end = (26, 30) if family is Family.IPV4 else (22, 38)
    rows = frames.ring(flood, aim(family), 4)

    assert [str(ip_address(row[begin:end].tobytes())) for row in rows] == named * 2


def test_a_sweep_tries_one_port_after_the_other() -> None:
    """And begins anew after the last one; without it there is one port."""
    flood = replace(RANDOM, sweep=Sweep(443, 445))
    ports = [
        [int.from_bytes(row[36:38].tobytes()) for row in frames.ring(one, aim(Family.IPV4), 4)]
        for one in (flood, RANDOM)
    ]

    assert ports == [[443, 444, 445, 443], [80] * 4]


def test_a_single_source_keeps_address_and_port() -> None:
    """Only its sequence numbers differ."""
    flood = replace(RANDOM, sources=Sources.SINGLE, ports=Ports.FIXED)
    rows = frames.ring(flood, aim(Family.IPV4), 100)

    assert len({row[26:36].tobytes() for row in rows}) == 1
    assert len({row[38:42].tobytes() for row in rows}) == 100


def test_a_subnet_is_one_slash_24() -> None:
    """Sources differ in their last byte alone."""
    rows = frames.ring(replace(RANDOM, sources=Sources.SUBNET), aim(Family.IPV4), 2000)

    assert len({row[26:29].tobytes() for row in rows}) == 1
    assert len({int(row[29]) for row in rows}) > 200


def test_random_ports_are_those_of_clients() -> None:
    """From 1024 on."""
    rows = frames.ring(RANDOM, aim(Family.IPV4), 2000)

    assert min(int.from_bytes(row[34:36].tobytes()) for row in rows) >= 1024


def test_a_random_ack_is_an_ack() -> None:
    """It has the ACK flag alone, and a number that was never sent."""
    rows = frames.ring(replace(RANDOM, segment=Segment.ACK), aim(Family.IPV4), 100)

    assert {int(row[47]) for row in rows} == {0x10}
    assert len({row[42:46].tobytes() for row in rows}) == 100
