"""Random worlds: every setting that changes a verdict takes every kind of value."""

from __future__ import annotations

from random import Random

from floodwall.kernel._abi import Flag, Mechanism, Mode
from tests.support.oracle.hashes import cells_of
from tests.support.oracle.sources import add_debt, mark_seen
from tests.support.oracle.world import (
    SECOND_NS,
    Ban,
    Config,
    Key,
    Limits,
    Service,
    State,
    World,
    packed,
)

MILLISECOND_NS = 1_000_000
EPOCH_NS = 5000 * SECOND_NS
CLIENTS4 = (
    *(f"198.51.100.{host}" for host in (1, 2, 3, 7)),
    *(f"203.0.113.{host}" for host in (9, 10, 200)),
    *("10.0.0.1", "0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
)
CLIENTS6 = (
    *(f"2001:db8:1::{host}" for host in (1, 2, 3, 7)),
    *(
        "::ffff:198.51.100.7",
        "2001:db8:bad::9",
        "2001:db8:bad:1::9",
        "fe80::1",
        "::",
        "::1",
        "ff02::1",
        "2001:db8::1",
    ),
)
_NETWORKS = (
    *("198.51.100.0/24", "198.51.100.2/31", "203.0.113.8/30", "203.0.113.200/32", "0.0.0.0/0"),
    *(
        "10.0.0.0/8",
        "2001:db8:1::/126",
        "2001:db8:1::2/127",
        "2001:db8:bad:1::/64",
        "2001:db8::/32",
    ),
)
_RARE, _SOMETIMES, _OFTEN = 0.1, 0.35, 0.8


def random_world(rng: Random, world: World) -> World:
    """Fill a stage's fresh world with random settings, bans and histories."""
    world.now_ns = EPOCH_NS + rng.randrange(10**9) * 100
    world.lease_until_ns = _moment(rng, world.now_ns) if rng.random() < _RARE else 1 << 62
    world.config = _config(rng)
    world.keys = [_key(rng), _key(rng) if rng.random() < _OFTEN else None]
    for service in world.services.values():
        _fill_service(rng, service, world.now_ns)
    if rng.random() < _SOMETIMES:
        _add_rules(rng, world)
    if rng.random() < _OFTEN:
        _add_history(rng, world)
    return world


def _config(rng: Random) -> Config:
    flags = Flag(0)
    for flag in Flag:
        flags |= flag if rng.random() < _OFTEN else Flag(0)
    return Config(
        flags=flags,
        key_current=int(rng.random() < _RARE),
        debt_source_max=rng.choice((0, 0, 1, 3, 20)),
        debt_port_max=rng.choice((0, 0, 1, 2, 20)),
        debt_prefix_max=rng.choice((0, 0, 2, 5)),
        hash_seed=rng.getrandbits(64),
        debt_halving_ns=rng.choice((SECOND_NS, 10 * SECOND_NS, 1_234_567_890)),
        slice_ns=rng.choice((SECOND_NS // 4, 2 * SECOND_NS, 63 * SECOND_NS // 8)),
        closed_port_rate=rng.choice((0, 1, 3, 1000)),
        authenticated_rate=rng.choice((0, 1, 3, 1000)),
        known_rate=rng.choice((0, 1, 3, 1000)),
        mss_ipv4=rng.choice((536, 1460, 8960)),
        mss_ipv6=rng.choice((1220, 1440, 8940)),
        rate_source_max=rng.choice((0, 0, 1, 3)),
        rate_port_max=rng.choice((0, 0, 1, 2)),
        guard_epoch=rng.choice((0, 1, 65535)),
    )


def _key(rng: Random) -> Key:
    scale = rng.randrange(15)
    return Key(rng.getrandbits(64), rng.getrandbits(64), rng.random() < _OFTEN, scale)


def _fill_service(rng: Random, service: Service, now_ns: int) -> None:
    high = rng.choice((0, 3, 30, 1_000_000))
    service.limits = Limits(
        mode=rng.choices(list(Mode), weights=(1, 4, 3))[0],
        mechanism=rng.choices((Mechanism.HANDOVER, Mechanism.STACK), weights=(3, 1))[0],
        high=high,
        low=min(high, rng.choice((0, 2, 20))),
        hold_ns=rng.choice((MILLISECOND_NS, 100 * MILLISECOND_NS, 5 * SECOND_NS)),
        forced_until_ns=_moment(rng, now_ns) if rng.random() < _RARE else 0,
        reset_seq=int(rng.random() < _RARE),
        window=rng.choice((0, 1, 64240, 65535)),
        ack_guard=rng.random() < 0.3,
        rate_drop=rng.random() < 0.3,
    )
    service.state = State(
        armed_until_ns=_moment(rng, now_ns) if rng.random() < 0.4 else 0,
        check_until_ns=_moment(rng, now_ns) if rng.random() < 0.4 else 0,
    )


def _add_rules(rng: Random, world: World) -> None:
    for address in rng.sample(CLIENTS4, 2) + rng.sample(CLIENTS6, 2):
        world.bans[packed(address)] = Ban(_expiry(rng, world.now_ns))
    for network in rng.sample(_NETWORKS, 3):
        world.ban_nets.add(network, Ban(_expiry(rng, world.now_ns)))
    if rng.random() < _SOMETIMES:
        for network in rng.sample(_NETWORKS, 2):
            world.never_ban.add(network, value=True)


def _add_history(rng: Random, world: World) -> None:
    """Let some clients have been seen, and some owe handshakes."""
    for address in rng.sample(CLIENTS4, 6) + rng.sample(CLIENTS6, 6):
        cells = cells_of(packed(address), rng.choice((40000, 40001, 40003)), world.config.hash_seed)
        mark_seen(world, cells)
        for _ in range(rng.choice((0, 0, 0, 1, 4))):
            add_debt(world, cells)
    world.now_ns += rng.choice((0, SECOND_NS, 70 * SECOND_NS))


def _expiry(rng: Random, now_ns: int) -> int:
    return rng.choice((0, _moment(rng, now_ns)))


def _moment(rng: Random, now_ns: int) -> int:
    """Return a time that may be past, is likely soon, or lies far ahead."""
    return now_ns + rng.choice(
        (-SECOND_NS, 0, 100 * MILLISECOND_NS, 2 * SECOND_NS, 1000 * SECOND_NS)
    )
