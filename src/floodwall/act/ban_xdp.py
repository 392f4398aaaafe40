"""Bans in the maps of the data plane: dropped in the driver, expired by the packet itself."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from floodwall.act.ban_backend import Ban
from floodwall.act.encoding import decode_guard, encode_guard
from floodwall.core.address import ADDRESS_BYTES, Network, pack_prefix, unpack, unpack_prefix
from floodwall.core.model import Guard
from floodwall.core.networks import as_network
from floodwall.kernel import _abi as abi
from floodwall.kernel.address_bans import AddressBans, mark
from floodwall.kernel.filelock import FileLock
from floodwall.kernel.maps import Map
from floodwall.kernel.tables import Tables

_LOCK = "config.lock"
_BITS = 4  # bytes of the prefix length that a key of the trie begins with
_NAMES_MAX = 4 * 131072
_MARKS = 1 << 64


def config_lock(run: Path) -> FileLock:
    """Return the lock under which struct fw_config is read, changed and written."""
    return FileLock(run / _LOCK)


class XdpBans:
    """The bans in the maps of one network namespace, with or without a daemon."""

    precision_ns: Final = 1 << abi.BAN_TICK_SHIFT
    guards_first: Final = True

    def __init__(self, tables: Tables, run: Path) -> None:
        self._tables = tables
        self._run = run
        self._names: dict[bytes, Network] = {}
        self._marks: int | None = None
        """Sum of the marks of all bans, as it should be since our last look."""
        self._flags = 0

    def changing(self) -> FileLock:
        """Keep other writers of bans and of struct fw_config out."""
        return config_lock(self._run)

    def stored(self, now_ns: int) -> Iterator[Ban]:
        """Yield every entry of both maps."""
        del now_ns
        self._marks = self._sum()
        if len(self._names) > _NAMES_MAX:
            self._names.clear()
        for raw, value in self._tables.bans.items():
            yield _decode(self._name(raw), value)
        for raw, value in self._tables.ban_nets.items():
            yield _decode(self._name(raw), value)

    def put(self, bans: Mapping[Network, int], now_ns: int) -> None:  # noqa: ARG002  as others
        """Write entries; one that is there keeps its hits."""
        flags = abi.Flag(0)
        for network, expires_ns in bans.items():
            table, key = self._place(network)
            before = table.lookup(key)
            entry = abi.Ban.from_buffer_copy(before) if before else abi.Ban()
            entry.expires_ns = expires_ns
            with self._accounted(network, before):
                table.update(key, bytes(entry))
            flags |= abi.Flag.BANS if table is self._tables.bans else abi.Flag.BAN_NETS
        self._write_flags(self._tables.config().flags | int(flags))

    def remove(self, networks: Iterable[Network]) -> None:
        """Delete entries."""
        removed = False
        for network in networks:
            table, key = self._place(network)
            with self._accounted(network, table.lookup(key)):
                removed |= table.delete(key)
        if removed:
            self._set_flags()

    def sweep(self, now_ns: int) -> int:
        """Remove what expired; the data plane has ignored it since."""
        expired = [self._name(key) for key in self._tables.bans.ended(now_ns)]
        for key, value in self._tables.ban_nets.items():
            if 0 < abi.Ban.from_buffer_copy(value).expires_ns <= now_ns:
                expired.append(self._name(key))
        self.remove(expired)
        return len(expired)

    def guards(self) -> dict[Network, Guard]:
        """Return the never-ban set as the data plane has it."""
        return {unpack_prefix(k): decode_guard(v) for k, v in self._tables.never_ban.items()}

    def allow(self, network: Network) -> None:
        """Add one network to the map."""
        with self.changing():
            self._tables.never_ban.update(pack_prefix(network), encode_guard(Guard.OPERATOR))
            self._tables.guards_changed()

    def disallow(self, network: Network) -> None:
        """Take one network out of the map."""
        with self.changing():
            self._tables.never_ban.delete(pack_prefix(network))
            self._tables.guards_changed()

    def set_guards(self, guards: Mapping[Network, Guard]) -> None:
        """Nothing: the writer of the data plane keeps this map."""

    def repair(self, now_ns: int) -> list[str]:
        """Let packets look into the maps that hold something; the maps themselves are ours."""
        del now_ns
        return ["bans are looked at again"] if self._set_flags() else []

    def untouched(self) -> bool:
        """Tell whether all bans are as we left them; hits may have been counted."""
        flags = self._tables.config().flags & int(abi.Flag.BANS | abi.Flag.BAN_NETS)
        return self._marks is not None and flags == self._flags and self._sum() == self._marks

    def destroy(self) -> bool:
        """Nothing: the maps go with their pins."""
        return False

    def close(self) -> None:
        """Nothing: the maps are closed by whoever opened them."""

    @contextmanager
    def _accounted(self, network: Network, before: bytes | None) -> Iterator[None]:
        """Keep the sum of the marks right through a change of ours."""
        yield
        table, key = self._place(network)
        change = _mark(network, table.lookup(key)) - _mark(network, before)
        if self._marks is not None:
            self._marks = (self._marks + change) % _MARKS

    def _sum(self) -> int:
        nets = (_mark(self._name(key), value) for key, value in self._tables.ban_nets.items())
        return (self._tables.bans.marks() + sum(nets)) % _MARKS

    def _name(self, raw: bytes) -> Network:
        """Decode a key once: reading 65,536 bans would take seconds otherwise."""
        known = self._names.get(raw)
        if known is None:
            long = len(raw) > ADDRESS_BYTES
            known = unpack_prefix(raw) if long else as_network(unpack(raw))
            self._names[raw] = known
        return known

    def _place(self, network: Network) -> tuple[Map | AddressBans, bytes]:
        """Single addresses have a hash of their own, which is faster than the trie."""
        key = pack_prefix(network)
        if network.prefixlen == network.max_prefixlen:
            return self._tables.bans, key[_BITS:]
        return self._tables.ban_nets, key

    def _set_flags(self) -> bool:
        """Let packets look only into maps that hold something; return whether they did not."""
        flags = self._tables.config().flags & ~int(abi.Flag.BANS | abi.Flag.BAN_NETS)
        if any(True for _ in self._tables.bans.items()):
            flags |= abi.Flag.BANS
        if any(True for _ in self._tables.ban_nets.items()):
            flags |= abi.Flag.BAN_NETS
        return self._write_flags(flags)

    def _write_flags(self, flags: int) -> bool:
        config = self._tables.config()
        self._flags = flags & int(abi.Flag.BANS | abi.Flag.BAN_NETS)
        if config.flags == flags:
            return False
        config.flags = flags
        self._tables.set_config(config)
        return True


def _mark(network: Network, value: bytes | None) -> int:
    if value is None:
        return 0
    key = pack_prefix(network)
    bits = 0 if network.prefixlen == network.max_prefixlen else key[0]
    return mark(key[_BITS:], abi.Ban.from_buffer_copy(value).expires_ns, bits)


def _decode(network: Network, value: bytes) -> Ban:
    entry = abi.Ban.from_buffer_copy(value)
    return Ban(network, entry.expires_ns, entry.hits, entry.last_hit_ns)
