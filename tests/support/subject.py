"""The compiled program under test: set up from a world, run over frames, read back.

Law: the program is driven only through its maps and BPF_PROG_TEST_RUN; every value that it can
change is compared, so whatever else moves is a difference.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from types import TracebackType
from typing import Self

from floodwall.core.address import pack_prefix
from floodwall.kernel import _abi as abi
from floodwall.kernel.address_bans import AddressBans
from floodwall.kernel.bpf import BpfObject, Map
from floodwall.kernel.build import data_plane_object
from tests.support.encoding import (
    array_entries,
    ban_entries,
    config_value,
    cpu_entries,
    hash_entries,
    key_value,
    u32,
)
from tests.support.memory import actual_memory, differences, expected_memory, used_cells
from tests.support.namespace import netns_cookie
from tests.support.oracle.world import World
from tests.support.test_run import TestRunner

OBJECT_VARIABLE = "FLOODWALL_TEST_OBJECT"  # path of another object to test
_ARRAYS = ("limits", "states", "debts", "rates", "seen", "follows", "notes")
_PER_CPU = ("tallies", "budgets", "reasons")
_HASHES = ("service_keys", "addresses", "ban_nets", "never_ban", "proven")
_SETTINGS = ("config", "lease", "keys")
_FIRST = u32(0)
_HAS_FRAGS = 32  # BPF_F_XDP_HAS_FRAGS, linux/bpf.h


class Subject:
    """A loaded data plane with a clock of our own, in the namespace of this thread."""

    def __init__(
        self,
        path: Path | None = None,
        constants: Mapping[str, int] | None = None,
        *,
        frags: bool = True,
    ) -> None:
        self._object = BpfObject.open(path or _object_under_test())
        if frags:
            self._object.add_flags("xdp_ingress", _HAS_FRAGS)
        chosen = {"fw_replay": 1, "fw_has_frags": int(frags), "fw_netns_cookie": netns_cookie()}
        for name, value in {**chosen, **(constants or {})}.items():
            self._object.set_constant(name, value)
        self._object.load()
        self.maps: dict[str, Map] = {
            name: self._object.map(name) for name in _ARRAYS + _PER_CPU + _HASHES + _SETTINGS
        }
        self.bans = AddressBans(self._object.map("ban_cells"), self._object.map("bans"))
        self._runner = TestRunner(self._object.program("xdp_ingress").fd)
        self._config = abi.Config()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._object.__exit__(kind, error, trace)

    def program_fd(self, name: str) -> int:
        """Return the descriptor of one of the programs."""
        return self._object.program(name).fd

    def run(self, frame: bytes) -> tuple[int, bytes]:
        """Run the program once; return its verdict, and metadata and frame as one."""
        return self._runner.run(frame)

    def set_clock(self, now_ns: int) -> None:
        """Set the time that the program sees."""
        self._config.replay_now_ns = now_ns
        self.maps["config"].update(_FIRST, bytes(self._config))

    def protect(self, network: str, guard_epoch: int) -> None:
        """Add to the never-ban set while the bans stay as they are, as the daemon does it."""
        self.maps["never_ban"].update(pack_prefix(ip_network(network)), u32(1))
        self._config.guard_epoch = guard_epoch
        self.set_clock(self._config.replay_now_ns)

    def put(self, world: World) -> None:
        """Make the program's settings and memory those of the world."""
        self._config = config_value(world.config)
        self.set_clock(world.now_ns)
        self.maps["lease"].update(_FIRST, world.lease_until_ns.to_bytes(8, "little"))
        for slot, key in enumerate(world.keys):
            self.maps["keys"].update(u32(slot), key_value(key))
        self.bans.clear()
        self.bans.update_many(ban_entries(world))
        for name, entries in hash_entries(world).items():
            _replace(self.maps[name], entries)
        for name, cells in array_entries(world).items():
            _replace_cells(self.maps[name], cells)
        for name, cells in cpu_entries(world).items():
            _replace_own_cpu(self.maps[name], cells)

    def differs_from(self, world: World) -> list[str]:
        """Return one line for each remembered value that is not the world's."""
        return differences(expected_memory(world), actual_memory(self.maps, self.bans))


def _object_under_test() -> Path:
    """Return the data plane of this tree, or what tests.dataplane.mutations made of it."""
    chosen = os.environ.get(OBJECT_VARIABLE)
    return Path(chosen) if chosen else data_plane_object()


def _replace(target: Map, entries: Mapping[bytes, bytes]) -> None:
    for key in {key for key, _ in target.items()} - entries.keys():
        target.delete(key)
    for key, value in entries.items():
        target.update(key, value)


def _replace_cells(target: Map, cells: Mapping[int, bytes]) -> None:
    zeros = dict.fromkeys(used_cells(target), bytes(target.value_size))
    target.update_many((u32(number), value) for number, value in {**zeros, **cells}.items())


def _replace_own_cpu(target: Map, cells: Mapping[int, bytes]) -> None:
    (here,) = os.sched_getaffinity(0)
    zeros = dict.fromkeys(used_cells(target), b"")
    for number, value in {**zeros, **cells}.items():
        values = [bytes(target.value_size)] * len(target.lookup_percpu(u32(number)))
        values[here] = value or bytes(target.value_size)
        target.update_percpu(u32(number), values)
