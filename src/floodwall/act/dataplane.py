"""Writes what the core wants into the maps of the data plane, by difference only.

Law: an entry that is right already is not touched, and nothing that protects somebody is removed
before what replaces it is there.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

from floodwall.act.ban_xdp import config_lock
from floodwall.act.encoding import (
    decode_endpoint,
    encode_endpoint,
    encode_guard,
    encode_limits,
    merge_config,
)
from floodwall.core.address import Address, Network, pack, pack_prefix
from floodwall.core.commands import Limits, MachineLimits
from floodwall.core.model import Endpoint, Guard
from floodwall.kernel import _abi as abi
from floodwall.kernel.maps import Map
from floodwall.kernel.tables import Tables

_PRESENT = (1).to_bytes(4, "little")
_KEY_BITS = 64


class DataPlaneWriter:
    """The one writer of limits, services, keys, addresses and never-ban entries."""

    def __init__(self, tables: Tables, run: Path) -> None:
        self._tables = tables
        self._run = run
        self._mirrors: dict[str, dict[bytes, bytes]] = {}
        self._wanted: dict[str, Mapping[bytes, bytes]] = {}
        self._limits: dict[int, bytes] = {}
        self._machine: MachineLimits | None = None

    def endpoints(self) -> dict[Endpoint, int]:
        """Return where endpoints lead to now, as an earlier daemon may have left them."""
        mirror = self._mirror(self._tables.service_keys)
        return {decode_endpoint(k): int.from_bytes(v, "little") for k, v in mirror.items()}

    def has_key(self) -> bool:
        """Tell whether there is a cookie key already."""
        return self._tables.key(self._tables.config().key_current).valid != 0

    def set_machine_limits(self, limits: MachineLimits) -> None:
        """Write the limits of the whole machine."""
        self._machine = limits
        with config_lock(self._run):
            config = self._tables.config()
            merge_config(config, limits)
            # Drawn once: with another seed every debt would count for another source.
            config.hash_seed = config.hash_seed or secrets.randbits(_KEY_BITS)
            self._tables.set_config(config)

    def rotate_key(self, window_scale: int) -> None:
        """Put a new key into the slot of the older one, then make cookies with it."""
        with config_lock(self._run):
            config = self._tables.config()
            if self.has_key():
                config.key_current = (config.key_current + 1) % abi.KEYS
            key = abi.Key(
                k0=secrets.randbits(_KEY_BITS),
                k1=secrets.randbits(_KEY_BITS),
                valid=1,
                window_scale=window_scale,
            )
            self._tables.set_key(config.key_current, key)
            self._tables.set_config(config)

    def clear_service(self, index: int) -> None:
        """Forget state and counters of an index."""
        self._tables.clear_service(index)

    def set_limits(self, index: int, limits: Limits) -> None:
        """Write the limits of one service."""
        encoded = encode_limits(limits)
        self._tables.set_limits(index, encoded)
        self._limits[index] = bytes(encoded)

    def set_services(self, keys: Mapping[Endpoint, int]) -> None:
        """Let exactly these endpoints lead to services."""
        wanted = {encode_endpoint(end): index.to_bytes(4, "little") for end, index in keys.items()}
        self._reconcile(self._tables.service_keys, wanted)

    def set_addresses(self, addresses: frozenset[Address]) -> None:
        """Name exactly the addresses of this machine, up to what the map takes."""
        room = sorted(addresses, key=lambda a: (a.version, int(a)))[: abi.ADDRESSES_MAX]
        self._reconcile(self._tables.addresses, {pack(address): _PRESENT for address in room})

    def set_never_ban(self, networks: Mapping[Network, Guard]) -> None:
        """Name exactly the networks that are never dropped."""
        wanted = {pack_prefix(net): encode_guard(guard) for net, guard in networks.items()}
        self._reconcile(self._tables.never_ban, wanted)

    def renew_lease(self, until_ns: int) -> None:
        """Let the data plane act until then."""
        self._tables.set_lease(until_ns)

    def heal(self) -> int:
        """Compare the maps with what was wanted last, put them right, and return the drift."""
        drift = 0
        self._mirrors.clear()
        for name, wanted in self._wanted.items():
            drift += self._reconcile(self._tables.maps[name], wanted)
        for index, wanted_limits in self._limits.items():
            if bytes(self._tables.limits(index)) != wanted_limits:
                self._tables.set_limits(index, abi.Limits.from_buffer_copy(wanted_limits))
                drift += 1
        return drift + self._heal_machine()

    def _heal_machine(self) -> int:
        config = self._tables.config()
        before = bytes(config)
        if self._machine is not None:
            merge_config(config, self._machine)
        if bytes(config) == before or self._machine is None:
            return 0
        self.set_machine_limits(self._machine)
        return 1

    def _mirror(self, table: Map) -> dict[bytes, bytes]:
        if table.name not in self._mirrors:
            self._mirrors[table.name] = dict(table.items())
        return self._mirrors[table.name]

    def _reconcile(self, table: Map, wanted: Mapping[bytes, bytes]) -> int:
        """Add and change first, delete last; return how many entries were not right."""
        mirror = self._mirror(table)
        self._wanted[table.name] = wanted
        # Until all is written the mirror is not to be believed: the next time reads anew.
        del self._mirrors[table.name]
        changed = [(key, value) for key, value in wanted.items() if mirror.get(key) != value]
        table.update_many(changed)
        stale = mirror.keys() - wanted.keys()
        for key in stale:
            table.delete(key)
        self._mirrors[table.name] = dict(wanted)
        if table is self._tables.never_ban and (changed or stale):
            with config_lock(self._run):
                self._tables.guards_changed()
        return len(changed) + len(stale)
