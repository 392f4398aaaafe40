"""The oracle's values as the bytes of the maps, by the structures that abi.h declares."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Mapping

from floodwall.kernel import _abi as abi
from tests.support.oracle.prefixes import PrefixKey
from tests.support.oracle.world import Config, Follow, Key, Limits, Service, World

PAIR = struct.Struct("<II")  # struct fw_debt, struct fw_seen
STATE = struct.Struct("<QQQQQq8q4qQQII")
TALLY = struct.Struct("<QQQQQQqQ")
BAN = struct.Struct("<QQQ")
WORDS = struct.Struct("<QQ")  # struct fw_proof, struct fw_budget
RATE = struct.Struct("<QII")
NOTE = struct.Struct("<I")
COUNT = struct.Struct("<Q")
FOLLOW = struct.Struct("<QQIIIIIHBBBxxxI")
_HANDOVER = struct.Struct("<IIIHBBBxxx")

Cell = tuple[int, ...]


def u32(number: int) -> bytes:
    """Return the key of an array map."""
    return number.to_bytes(4, "little")


def config_value(config: Config) -> abi.Config:
    """Return a struct fw_config whose clock is not set."""
    return abi.Config(**dataclasses.asdict(config))


def key_value(key: Key | None) -> bytes:
    """Return a struct fw_key."""
    return bytes(abi.Key() if key is None else abi.Key(**dataclasses.asdict(key)))


def limits_value(limits: Limits) -> bytes:
    """Return a struct fw_limits."""
    return bytes(abi.Limits(**dataclasses.asdict(limits)))


def state_cell(service: Service) -> Cell:
    """Return the fields of struct fw_state in order."""
    state = service.state
    times = (state.armed_until_ns, state.armed_at_ns, state.first_challenge_ns)
    counts = (state.check_until_ns, state.arms, state.pending, *state.slices, *state.beats)
    return (*times, *counts, state.slice, state.beat, state.reset_seq, 0)


def tally_cell(service: Service) -> Cell:
    """Return the fields of struct fw_tally in order."""
    return dataclasses.astuple(service.tally)


def follow_cell(follow: Follow) -> Cell:
    """Return the fields of struct fw_follow in order."""
    left = _HANDOVER.unpack(follow.left or bytes(_HANDOVER.size))
    place = (follow.tuple, follow.at_ns, follow.sequence, follow.acknowledgement)
    return (*place, *left, 0)


def prefix_bytes(key: PrefixKey) -> bytes:
    """Return a struct fw_prefix."""
    length, bits = key
    return length.to_bytes(4, "little") + (bits << (128 - length)).to_bytes(16, "big")


def prefix_of(raw: bytes) -> PrefixKey:
    """Return length and leading bits of a struct fw_prefix."""
    length = int.from_bytes(raw[:4], "little")
    return length, int.from_bytes(raw[4:], "big") >> (128 - length)


def hash_entries(world: World) -> dict[str, dict[bytes, bytes]]:
    """Return what belongs into each hash map and trie."""
    return {
        "service_keys": {
            address + port.to_bytes(2, "big") + bytes(2): u32(number)
            for (address, port), number in world.service_keys.items()
        },
        "addresses": dict.fromkeys(world.addresses, u32(1)),
        "ban_nets": {
            prefix_bytes(key): BAN.pack(*dataclasses.astuple(ban))
            for key, ban in world.ban_nets.values.items()
        },
        "never_ban": dict.fromkeys(map(prefix_bytes, world.never_ban.values), u32(1)),
        "proven": {
            key: WORDS.pack(*dataclasses.astuple(proof)) for key, proof in world.proven.items()
        },
    }


def ban_entries(world: World) -> list[tuple[bytes, bytes]]:
    """Return the bans of single addresses."""
    return [(key, BAN.pack(*dataclasses.astuple(ban))) for key, ban in world.bans.items()]


def array_entries(world: World) -> dict[str, dict[int, bytes]]:
    """Return what belongs into each array that is shared by all CPUs."""
    services = world.services.items()
    return {
        "limits": {number: limits_value(service.limits) for number, service in services},
        "states": {number: STATE.pack(*state_cell(service)) for number, service in services},
        "debts": _packed(PAIR, world.debts),
        "rates": _packed(RATE, world.rates),
        "seen": _packed(PAIR, world.seen),
        "follows": {
            cell: FOLLOW.pack(*follow_cell(follow)) for cell, follow in world.follows.items()
        },
        "notes": {0: u32(1)} if any(follow.left for follow in world.follows.values()) else {},
    }


def cpu_entries(world: World) -> dict[str, dict[int, bytes]]:
    """Return what belongs into one CPU's share of each per-CPU array."""
    services = world.services.items()
    return {
        "tallies": {number: TALLY.pack(*tally_cell(service)) for number, service in services},
        "budgets": {
            int(purse): WORDS.pack(budget.second, budget.spent)
            for purse, budget in world.budgets.items()
        },
        "reasons": {int(reason): COUNT.pack(count) for reason, count in world.reasons.items()},
    }


def _packed(layout: struct.Struct, cells: Mapping[int, Cell]) -> dict[int, bytes]:
    return {number: layout.pack(*cell) for number, cell in cells.items()}
