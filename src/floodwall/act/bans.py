"""Bans and never-ban entries in the maps of the data plane, with or without a daemon.

Law: what touches the never-ban set is not written; the kernel looks at it before each drop, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from floodwall.act.encoding import decode_guard, encode_guard
from floodwall.core.address import Network, pack_prefix, unpack, unpack_prefix
from floodwall.core.errors import ConfigError
from floodwall.core.model import Guard
from floodwall.core.networks import as_network
from floodwall.core.never_ban import refusal
from floodwall.core.settings import Bans as Caps
from floodwall.kernel import _abi as abi
from floodwall.kernel.filelock import FileLock
from floodwall.kernel.maps import Map
from floodwall.kernel.tables import Tables

_LOCK = "config.lock"


@dataclass(frozen=True, slots=True)
class Ban:
    """A banned network; times are CLOCK_MONOTONIC nanoseconds, an expiry of 0 is none."""

    network: Network
    expires_ns: int
    hits: int
    last_hit_ns: int


def config_lock(run: Path) -> FileLock:
    """Return the lock under which struct fw_config is read, changed and written."""
    return FileLock(run / _LOCK)


class BanTable:
    """The bans of one network namespace."""

    def __init__(self, tables: Tables, run: Path) -> None:
        self._tables = tables
        self._run = run

    def bans(self, now_ns: int) -> Iterator[Ban]:
        """Return every ban that holds at this time."""
        return (ban for ban in self._all() if not 0 < ban.expires_ns <= now_ns)

    def never_ban(self) -> dict[Network, Guard]:
        """Return the never-ban set as the data plane has it."""
        return {unpack_prefix(k): decode_guard(v) for k, v in self._tables.never_ban.items()}

    def add(self, network: Network, expires_ns: int, caps: Caps, now_ns: int) -> None:
        """Ban a network until `expires_ns`, or raise ConfigError with the reason why not."""
        with config_lock(self._run):
            self._sweep(now_ns)
            count = sum(1 for _ in self._all())
            if reason := refusal(network, self.never_ban(), caps, count):
                raise ConfigError(f"not banned: {reason}", hint="floodwall status shows who is")
            table, key = self._place(network)
            table.update(key, bytes(abi.Ban(expires_ns=expires_ns)))
            self._set_flags()

    def lift(self, network: Network) -> bool:
        """Lift the ban of exactly this network; return whether there was one."""
        with config_lock(self._run):
            table, key = self._place(network)
            lifted = table.delete(key)
            self._set_flags()
        return lifted

    def sweep(self, now_ns: int) -> int:
        """Remove bans that expired; the data plane has ignored them since. Return how many."""
        with config_lock(self._run):
            removed = self._sweep(now_ns)
            if removed:
                self._set_flags()
        return removed

    def allow(self, network: Network) -> None:
        """Never drop a network from now on; its bans, if any, have no effect any more."""
        key = pack_prefix(network)
        if self._tables.never_ban.lookup(key) is None:
            self._tables.never_ban.update(key, encode_guard(Guard.OPERATOR))

    def disallow(self, network: Network) -> None:
        """Take that back, where no daemon is there to do it; other reasons to protect it stay."""
        if self.never_ban().get(network) is Guard.OPERATOR:
            self._tables.never_ban.delete(pack_prefix(network))

    def _all(self) -> Iterator[Ban]:
        for raw, value in self._tables.bans.items():
            yield _decode(as_network(unpack(raw)), value)
        for raw, value in self._tables.ban_nets.items():
            yield _decode(unpack_prefix(raw), value)

    def _place(self, network: Network) -> tuple[Map, bytes]:
        """Single addresses have a hash of their own, which is faster than the trie."""
        if network.prefixlen == network.max_prefixlen:
            key = pack_prefix(network)[4:]
            return self._tables.bans, key
        return self._tables.ban_nets, pack_prefix(network)

    def _sweep(self, now_ns: int) -> int:
        expired = [ban.network for ban in self._all() if 0 < ban.expires_ns <= now_ns]
        for network in expired:
            table, key = self._place(network)
            table.delete(key)
        return len(expired)

    def _set_flags(self) -> None:
        """Let packets look only into maps that hold something."""
        config = self._tables.config()
        flags = config.flags & ~int(abi.Flag.BANS | abi.Flag.BAN_NETS)
        if any(True for _ in self._tables.bans.items()):
            flags |= abi.Flag.BANS
        if any(True for _ in self._tables.ban_nets.items()):
            flags |= abi.Flag.BAN_NETS
        if flags != config.flags:
            config.flags = flags
            self._tables.set_config(config)


def _decode(network: Network, value: bytes) -> Ban:
    ban = abi.Ban.from_buffer_copy(value)
    return Ban(network, ban.expires_ns, ban.hits, ban.last_hit_ns)
