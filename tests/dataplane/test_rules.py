"""Bans drop until they expire, by single address and longest prefix; never-ban outranks them."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

import pytest

from floodwall.kernel._abi import Flag, Mode, Reason
from tests.support.bout import Bout
from tests.support.oracle.hashes import bucket_of
from tests.support.oracle.world import ALL_OPTIONS, SECOND_NS, TICK_NS, Ban, packed
from tests.support.packets import TCP, UDP, Ethernet, IPv4, IPv6, Packet
from tests.support.stage import ABSENT, SERVER4, SERVER6, WEB

pytestmark = pytest.mark.root

RULES = ALL_OPTIONS | Flag.BANS | Flag.BAN_NETS
MAX_TIME_NS = (1 << 63) - 1
IMPOSSIBLE = (
    *("0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", SERVER4),
    *("::", "::1", "ff02::1", "ff00::", SERVER6),
)
BESIDE_IMPOSSIBLE = (
    *("1.0.0.0", "126.255.255.255", "128.0.0.0", "223.255.255.255"),
    *("::2", "fe80::1", "feff::1", "2001:db8::2"),
)
SOURCES = (("198.51.100.7", "198.51.100.0/24"), ("2001:db8:1::7", "2001:db8:1::/48"))


def crowded_addresses(count: int) -> list[str]:
    """Return addresses that share a bucket: cells for two of them, whatever the table is like."""
    buckets: dict[int, list[str]] = {}
    for number in range(1 << 20):
        address = str(ip_address((10 << 24) + number))
        members = buckets.setdefault(bucket_of(packed(address)), [])
        members.append(address)
        if len(members) == count:
            return members
    raise AssertionError("the hash spreads better than chance")


def segment(source: str, flags: str = "S", port: int = WEB) -> Packet:
    """Return a TCP packet to the server."""
    layer = IPv6(source) if ":" in source else IPv4(source)
    return Ethernet() / layer / TCP(destination=port, flags=flags)


@pytest.fixture
def ruled(bout: Bout) -> Bout:
    """Return dealings where both kinds of ban are looked at."""
    bout.configure(flags=RULES)
    return bout


@pytest.mark.parametrize(("source", "network"), SOURCES)
@pytest.mark.parametrize("after_ns", [-1, 0, 1])
def test_network_ban_ends_with_its_last_nanosecond(
    ruled: Bout, source: str, network: str, after_ns: int
) -> None:
    """Before `expires_ns` it drops, from then on it does not; hits count what was dropped."""
    ban = Ban(ruled.world.now_ns + SECOND_NS)
    ruled.world.ban_nets.add(network, ban)
    ruled.sync()
    ruled.pass_time(SECOND_NS + after_ns)

    banned = after_ns < 0

    assert (ruled.reason(segment(source)) is Reason.DROP_BANNED_NET) is banned
    assert ban.hits == banned


@pytest.mark.parametrize(("source", "_network"), SOURCES)
@pytest.mark.parametrize("after_ns", [-1, 0, 1])
def test_ban_of_an_address_ends_with_its_last_tick(
    ruled: Bout, source: str, _network: str, after_ns: int
) -> None:
    """Never before `expires_ns`, and less than 68 ms after it."""
    until = ruled.world.now_ns + SECOND_NS
    ruled.world.bans[packed(source)] = Ban(until)
    ruled.sync()
    last = -(-until // TICK_NS) * TICK_NS
    ruled.pass_time(last - ruled.world.now_ns + after_ns)

    banned = after_ns < 0

    assert (ruled.reason(segment(source)) is Reason.DROP_BANNED) is banned
    assert ruled.world.bans[packed(source)].hits == banned


def test_addresses_of_one_bucket_are_all_banned_and_each_lifted_alone(ruled: Bout) -> None:
    """Two have a cell, the others overflow; a neighbour in the bucket is not touched."""
    *banned, neighbour = crowded_addresses(6)
    for address in banned:
        ruled.world.bans[packed(address)] = Ban(0)
    ruled.sync()

    assert {ruled.reason(segment(address)) for address in banned} == {Reason.DROP_BANNED}
    assert ruled.reason(segment(neighbour)) is not Reason.DROP_BANNED

    for lifted in banned[::-1]:
        del ruled.world.bans[packed(lifted)]
        assert ruled.stage.subject.bans.delete(packed(lifted))
        assert ruled.reason(segment(lifted)) is not Reason.DROP_BANNED


def test_both_halves_of_an_address_count(ruled: Bout) -> None:
    """Same host part, same bucket, another network: somebody else."""
    banned = packed("2001:db8::7")
    bucket = bucket_of(banned)
    candidates = (number.to_bytes(8, "big") + banned[8:] for number in range(0x2001 << 48, 1 << 64))
    other = next(each for each in candidates if bucket_of(each) == bucket)
    ruled.world.bans[banned] = Ban(0)
    ruled.sync()

    assert ruled.reason(segment("2001:db8::7")) is Reason.DROP_BANNED
    assert ruled.reason(segment(str(IPv6Address(other)))) is not Reason.DROP_BANNED


def test_never_ban_is_asked_again_when_it_has_changed(ruled: Bout) -> None:
    """What the kernel remembers with a ban holds until the epoch changes."""
    source = SOURCES[0][0]
    ruled.configure(guard_epoch=1)
    ruled.world.bans[packed(source)] = Ban(0)
    ruled.sync()
    assert ruled.reason(segment(source)) is Reason.DROP_BANNED

    ruled.world.never_ban.add(f"{source}/32", value=True)
    ruled.stage.subject.protect(f"{source}/32", guard_epoch=2)
    assert ruled.reason(segment(source)) is not Reason.DROP_BANNED


@pytest.mark.parametrize(("source", "network"), SOURCES)
def test_network_ban_holds_where_the_single_one_has_expired(
    ruled: Bout, source: str, network: str
) -> None:
    """The two are looked up one after the other."""
    ruled.world.bans[packed(source)] = Ban(1)
    ruled.world.ban_nets.add(network, Ban(0))
    ruled.sync()

    assert ruled.reason(segment(source)) is Reason.DROP_BANNED_NET


@pytest.mark.parametrize("expires_ns", [0, MAX_TIME_NS])
def test_ban_without_end_drops_whatever_the_source_sends(ruled: Bout, expires_ns: int) -> None:
    """A ban covers all of IP: other protocols, fragments, ports and broken packets."""
    source = "203.0.113.200"
    ruled.world.bans[packed(source)] = Ban(expires_ns)
    ruled.sync()
    packets = (
        segment(source),
        segment(source, "A"),
        segment(source, port=ABSENT),
        segment(source, port=9),
        Ethernet() / IPv4(source) / UDP(),
        Ethernet() / IPv4(source, fragment_offset=3) / bytes(8),
        Ethernet() / IPv4(source) / bytes(3),
        Ethernet() / IPv4(source, destination="192.0.2.200") / TCP(),
    )

    assert {ruled.reason(packet) for packet in packets} == {Reason.DROP_BANNED}
    assert ruled.world.bans[packed(source)].hits == len(packets)


def test_bans_outlive_the_lease(ruled: Bout) -> None:
    """A ban has its own expiry; the daemon's death does not lift it."""
    ruled.world.lease_until_ns = 0
    ruled.world.bans[packed(SOURCES[0][0])] = Ban(0)
    ruled.sync()

    assert ruled.reason(segment(SOURCES[0][0])) is Reason.DROP_BANNED


def test_flags_tell_whether_bans_are_looked_at(bout: Bout) -> None:
    """Without its flag a table costs nothing and does nothing."""
    source, network = SOURCES[0]
    bout.world.bans[packed(source)] = Ban(0)
    bout.world.ban_nets.add(network, Ban(0))
    bout.sync()
    found = [bout.reason(segment(source))]
    for flag in (Flag.BANS, Flag.BAN_NETS):
        bout.configure(flags=ALL_OPTIONS | flag)
        found.append(bout.reason(segment(source)))

    assert found == [Reason.PASS_CALM_SYN, Reason.DROP_BANNED, Reason.DROP_BANNED_NET]


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("198.51.100.0/24", ("198.51.100.0", "198.51.100.255"), ("198.51.99.255", "198.51.101.0")),
        ("198.51.100.2/31", ("198.51.100.2", "198.51.100.3"), ("198.51.100.1", "198.51.100.4")),
        ("203.0.113.9/32", ("203.0.113.9",), ("203.0.113.8", "203.0.113.10")),
        ("0.0.0.0/0", ("1.0.0.0", "223.255.255.255"), ("2001:db8::2", "::1")),
        ("2001:db8:1::/48", ("2001:db8:1::", "2001:db8:1:ffff::"), ("2001:db8:2::", "2001:db8::")),
        ("2001:db8:1::2/127", ("2001:db8:1::3",), ("2001:db8:1::1", "2001:db8:1::4")),
        ("::/0", ("2001:db8::", "10.0.0.1"), ()),
    ],
)
def test_prefix_ends_at_its_edges(
    ruled: Bout, network: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    """First and last address are in, their neighbours are not."""
    ruled.world.ban_nets.add(network, Ban(0))
    ruled.sync()

    assert {ruled.reason(segment(source)) for source in inside} == {Reason.DROP_BANNED_NET}
    assert Reason.DROP_BANNED_NET not in {ruled.reason(segment(source)) for source in outside}


def test_longest_prefix_decides_alone(ruled: Bout) -> None:
    """An expired ban of a /25 shadows the endless one of its /24: one look-up, by contract."""
    ruled.world.ban_nets.add("198.51.100.0/24", Ban(0))
    ruled.world.ban_nets.add("198.51.100.0/25", Ban(1))
    ruled.sync()

    assert ruled.reason(segment("198.51.100.7")) is Reason.PASS_CALM_SYN
    assert ruled.reason(segment("198.51.100.207")) is Reason.DROP_BANNED_NET


@pytest.mark.parametrize(("source", "network"), SOURCES)
@pytest.mark.parametrize("protected", ["exact", "network", "all"])
def test_never_ban_outranks_every_ban(
    ruled: Bout, source: str, network: str, protected: str
) -> None:
    """The packet goes on as if there were no ban, and the ban counts no hit."""
    length = 128 if ":" in source else 32
    everything = "::/0" if ":" in source else "0.0.0.0/0"
    chosen = {"exact": f"{source}/{length}", "network": network, "all": everything}[protected]
    ruled.world.never_ban.add(chosen, value=True)
    ruled.world.bans[packed(source)] = Ban(0)
    ruled.world.ban_nets.add(network, Ban(0))
    ruled.sync()

    assert ruled.reason(segment(source)) is Reason.PASS_CALM_SYN
    assert ruled.world.bans[packed(source)].hits == 0


def test_protected_source_is_challenged_but_never_dropped(bout: Bout) -> None:
    """Spoofing a protected address costs its owner nothing: each drop becomes a counted pass."""
    bout.world.never_ban.add("198.51.100.7/32", value=True)
    bout.limit(mode=Mode.ARMED)
    source = "198.51.100.7"
    found = {flags: bout.reason(segment(source, flags)) for flags in ("S", "SF", "SR", "A", "RA")}

    assert found.pop("S") is Reason.CHALLENGE_FLOOD
    assert set(found.values()) == {Reason.PASS_NEVER_BAN}
    assert bout.web.tally.bad_acks == 0


@pytest.mark.parametrize("source", IMPOSSIBLE)
@pytest.mark.parametrize("protected", [False, True])
def test_impossible_client_is_dropped(bout: Bout, source: str, *, protected: bool) -> None:
    """A SYN from an address that cannot be a client's is dropped, even while calm."""
    if protected:
        for everything in ("0.0.0.0/0", "::/0"):
            bout.world.never_ban.add(everything, value=True)
        bout.sync()

    expected = Reason.PASS_NEVER_BAN if protected else Reason.DROP_BAD_SOURCE

    assert bout.reason(segment(source)) is expected
    assert (bout.web.tally.syns, bout.web.tally.passed) == (1, 0)


@pytest.mark.parametrize("source", BESIDE_IMPOSSIBLE)
def test_neighbours_of_impossible_clients_pass(bout: Bout, source: str) -> None:
    """The ranges of impossible addresses end where they should."""
    assert bout.reason(segment(source)) is Reason.PASS_CALM_SYN


def test_source_port_zero_is_dropped(bout: Bout) -> None:
    """No client sends from port 0."""
    syn = Ethernet() / IPv4() / TCP(source=0)

    assert bout.reason(syn) is Reason.DROP_BAD_SOURCE
