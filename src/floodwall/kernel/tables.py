"""The maps of the data plane with their types: what Python says to it and reads from it."""

import struct
from collections.abc import Mapping
from typing import Final

from floodwall.core.errors import KernelError
from floodwall.kernel import _abi as abi
from floodwall.kernel.address_bans import AddressBans
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.closing import Closing
from floodwall.kernel.maps import Map

_INDEX = struct.Struct("=I")
_COUNT = struct.Struct("=Q")
_ONLY: Final = _INDEX.pack(0)  # key of the maps that have one element
_MARKER: Final = "abi_"
_EPOCHS: Final = 65535  # 16 bits of struct fw_ban_cell; 0 is none
MAP_NAMES: Final = (
    "config",
    "lease",
    "keys",
    "service_keys",
    "addresses",
    "limits",
    "states",
    "tallies",
    "ban_cells",
    "bans",
    "ban_nets",
    "never_ban",
    "proven",
    "debts",
    "rates",
    "seen",
    "follows",
    "notes",
    "budgets",
    "reasons",
)


class Tables(Closing):
    """Typed access to every map; times are CLOCK_MONOTONIC nanoseconds."""

    def __init__(self, maps: Mapping[str, Map]) -> None:
        self.maps: Final = dict(maps)
        self.service_keys: Final = self.maps["service_keys"]
        self.addresses: Final = self.maps["addresses"]
        self.bans: Final = AddressBans(self.maps["ban_cells"], self.maps["bans"])
        self.ban_nets: Final = self.maps["ban_nets"]
        self.never_ban: Final = self.maps["never_ban"]
        self.proven: Final = self.maps["proven"]

    def config(self) -> abi.Config:
        """Return what holds for the whole machine."""
        return abi.Config.from_buffer_copy(_present(self.maps["config"], _ONLY))

    def set_config(self, config: abi.Config) -> None:
        """Set what holds for the whole machine."""
        self.maps["config"].update(_ONLY, bytes(config))

    def guards_changed(self) -> None:
        """Let every ban be held against the never-ban set again.  Under the lock of the config."""
        config = self.config()
        config.guard_epoch = config.guard_epoch % _EPOCHS + 1
        if config.guard_epoch == 1:  # begun anew: what the cells remember is of the last round
            self.bans.forget_guards()
        self.set_config(config)

    def lease(self) -> int:
        """Return the time until which the data plane acts."""
        lease = abi.Lease.from_buffer_copy(_present(self.maps["lease"], _ONLY))
        return lease.until_ns

    def set_lease(self, until_ns: int) -> None:
        """Let the data plane act until then; 0 ends it at once."""
        self.maps["lease"].update(_ONLY, bytes(abi.Lease(until_ns)))

    def key(self, slot: int) -> abi.Key:
        """Return one of the live cookie keys."""
        return abi.Key.from_buffer_copy(_present(self.maps["keys"], _INDEX.pack(slot)))

    def set_key(self, slot: int, key: abi.Key) -> None:
        """Set one of the live cookie keys."""
        self.maps["keys"].update(_INDEX.pack(slot), bytes(key))

    def limits(self, service: int) -> abi.Limits:
        """Return the limits of a service."""
        return abi.Limits.from_buffer_copy(_present(self.maps["limits"], _INDEX.pack(service)))

    def set_limits(self, service: int, limits: abi.Limits) -> None:
        """Set the limits of a service."""
        self.maps["limits"].update(_INDEX.pack(service), bytes(limits))

    def state(self, service: int) -> abi.State:
        """Return what the kernel knows of a service."""
        return abi.State.from_buffer_copy(_present(self.maps["states"], _INDEX.pack(service)))

    def clear_service(self, service: int) -> None:
        """Forget state and counters of a service, before its number is used for another one."""
        key = _INDEX.pack(service)
        for name in ("states", "tallies"):
            table = self.maps[name]
            table.update(key, bytes(len(_present(table, key))))

    def tally(self, service: int) -> abi.Tally:
        """Return the counters of a service, summed over the CPUs; `beat` is the latest."""
        total = abi.Tally()
        for raw in self.maps["tallies"].lookup_percpu(_INDEX.pack(service)):
            part = abi.Tally.from_buffer_copy(raw)
            total.syns += part.syns
            total.passed += part.passed
            total.challenged += part.challenged
            total.proven += part.proven
            total.bad_acks += part.bad_acks
            total.completed += part.completed
            total.unreported += part.unreported
            total.beat = max(total.beat, part.beat)
        return total

    def reasons(self) -> dict[abi.Reason, int]:
        """Return how many packets left for each reason, summed over the CPUs."""
        table = self.maps["reasons"]
        return {
            abi.Reason(_INDEX.unpack(key)[0]): sum(
                _COUNT.unpack(value)[0] for value in table.split(wide)
            )
            for key, wide in table.items()
        }

    def packets_by_cpu(self) -> list[int]:
        """Return how many packets each possible CPU has seen."""
        table = self.maps["reasons"]
        rows = [table.split(wide) for _, wide in table.items()]
        return [
            sum(_COUNT.unpack(value)[0] for value in column) for column in zip(*rows, strict=True)
        ]

    def close(self) -> None:
        """Close the maps; pinned and attached ones live on."""
        self.bans.close()
        for each in self.maps.values():
            each.close()


def open_pinned(state: StateDirectory) -> Tables:
    """Open the pinned maps of a data plane, whether its daemon lives or not."""
    marker = state.pin(marker_name())
    if marker is None or not marker.is_dir():
        raise KernelError(
            "no data plane of this version is pinned in this network namespace",
            op="open pins",
            obj=str(state.pins or state.reason),
            hint="start it with floodwall run, or enter the namespace that it runs in",
        )
    return Tables({name: Map.from_pin(marker.with_name(name)) for name in MAP_NAMES})


def marker_name() -> str:
    """Return the directory among the pins that says which layout the pinned maps have."""
    return f"{_MARKER}{abi.ABI_DIGEST}"


def markers(state: StateDirectory) -> list[str]:
    """Return the layouts that the pins of this network namespace claim to have."""
    return [path.name for path in state.pinned(_MARKER)]


def _present(table: Map, key: bytes) -> bytes:
    value = table.lookup(key)
    if value is None:
        raise KernelError(f"map {table.name} has no element {key.hex()}", op="look up in map")
    return value
