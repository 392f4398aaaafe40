"""Loads the programs of the data plane over new maps, over pinned ones, or with copies of those.

Law: maps whose layout the code does not know are never used, only read to be copied.
"""

import contextlib
import ctypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from floodwall.core.errors import KernelError
from floodwall.kernel import _abi as abi
from floodwall.kernel.address_bans import AddressBans
from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.maps import Map
from floodwall.kernel.netns import netns_cookie
from floodwall.kernel.probe import Feature, Features
from floodwall.kernel.programs import Program
from floodwall.kernel.tables import marker_name, markers

XDP: Final = "xdp_ingress"
TC: Final = "tc_ingress"
TC_OUT: Final = "tc_egress"
"""Only in the data plane of a gateway."""
HANDSHAKE: Final = "handshake_done"
_HAS_FRAGS = 32  # BPF_F_XDP_HAS_FRAGS
# Their meaning does not depend on the layout of the rest; limits and config are written anew.
_COPIED = ("ban_nets", "never_ban", "proven", "keys", "service_keys", "addresses", "lease")


class Origin(Enum):
    """Where the maps of a data plane come from."""

    NEW = "new maps"
    PINNED = "the maps that were pinned"
    COPIED = "new maps with bans and keys of pinned ones that did not fit"


@dataclass(frozen=True, slots=True)
class Start:
    """How programs are loaded: which object, its constants, what the kernel has."""

    path: Path
    features: Features
    constants: Mapping[str, int]


class Programs:
    """The loaded programs; the XDP one a second time without frags, when a driver wants that."""

    def __init__(self, start: Start, loaded: BpfObject, maps: Mapping[str, Map]) -> None:
        self._start = start
        self._maps = maps
        self._loaded = loaded
        self._plain: BpfObject | None = None
        self.has_frags: Final = not start.features.lacks(Feature.XDP_FRAGS)
        self.has_handover: Final = can_hand_over(start.features)
        self.splices: Final = TC_OUT in loaded.program_names()

    def xdp(self, *, frags: bool) -> Program:
        """Return the XDP program, loaded for packets of several pages or for those of one."""
        if frags or not self.has_frags:
            return self._loaded.program(XDP)
        if self._plain is None:
            self._plain = load(self._start, self._maps, only_plain_xdp=True)
        return self._plain.program(XDP)

    def program(self, name: str) -> Program:
        """Return one of the loaded programs."""
        return self._loaded.program(name)

    def close(self) -> None:
        """Let go of the programs; attached ones go on."""
        for each in (self._loaded, self._plain):
            if each is not None:
                each.close()


def can_hand_over(features: Features) -> bool:
    """Tell whether tc can give a request to the listener here."""
    return not features.lacks(Feature.HANDOVER) and not features.lacks(Feature.TCX)


def load(
    start: Start, maps: Mapping[str, Map] | None = None, *, only_plain_xdp: bool = False
) -> BpfObject:
    """Load the object over `maps`, or with maps of its own."""
    opened = BpfObject.open(start.path)
    try:
        frags = not start.features.lacks(Feature.XDP_FRAGS) and not only_plain_xdp
        chosen = {
            "fw_netns_cookie": netns_cookie(),
            "fw_has_frags": int(frags),
            "fw_can_handover": int(can_hand_over(start.features)),
            **start.constants,
        }
        for name in opened.constants() & chosen.keys():
            opened.set_constant(name, chosen[name])
        if frags:
            opened.add_flags(XDP, _HAS_FRAGS)
        for name in _left_out(start, opened, only_plain_xdp=only_plain_xdp):
            opened.disable(name)
        for name, each in (maps or {}).items():
            opened.reuse(name, each.fd)
        opened.load()
    except BaseException:
        opened.close()
        raise
    return opened


def _left_out(start: Start, opened: BpfObject, *, only_plain_xdp: bool) -> Iterator[str]:
    """Name the programs of an object that are not loaded."""
    splices = TC_OUT in opened.program_names()
    if only_plain_xdp:
        yield HANDSHAKE
    if only_plain_xdp and splices:
        yield TC_OUT
    if only_plain_xdp or not (splices or can_hand_over(start.features)):
        yield TC


def load_over_pins(start: Start, state: StateDirectory) -> tuple[BpfObject, Origin]:
    """Load over the pinned maps if they are of this version, and pin what is new."""
    pinned = dict(_open_pins(state))
    try:
        if pinned and _same_layout(start, state, pinned):
            return load(start, pinned), Origin.PINNED
        loaded = load(start)
        try:
            for name in _COPIED:
                _copy(pinned.get(name), loaded.map(name))
            _copy_bans(pinned, loaded)
            _replace_pins(loaded, state)
        except BaseException:
            loaded.discard()
            raise
        return loaded, Origin.COPIED if pinned else Origin.NEW
    finally:
        for each in pinned.values():
            each.close()


def _open_pins(state: StateDirectory) -> Iterator[tuple[str, Map]]:
    for path in state.pinned():
        if path.is_dir() or path.name.startswith("link_"):
            continue
        with contextlib.suppress(KernelError):  # not a map: a pin that is not ours to judge
            yield path.name, Map.from_pin(path)


def _same_layout(start: Start, state: StateDirectory, pinned: Mapping[str, Map]) -> bool:
    if markers(state) != [marker_name()]:
        return False
    with BpfObject.open(start.path) as wanted:
        names = wanted.map_names()
        return all(name in pinned and pinned[name].shape == wanted.shape(name) for name in names)


def _copy(old: Map | None, new: Map) -> None:
    """Copy a map if its elements look the same in both."""
    if old is not None and (old.key_size, old.value_size) == (new.key_size, new.value_size):
        new.update_many(list(old.items())[: new.max_entries])


def _copy_bans(pinned: Mapping[str, Map], loaded: BpfObject) -> None:
    """Copy the bans of single addresses, also from before they had cells."""
    new = AddressBans(loaded.map("ban_cells"), loaded.map("bans"))
    overflow, cells = pinned.get("bans"), pinned.get("ban_cells")
    if overflow is None or overflow.value_size != ctypes.sizeof(abi.Ban):
        return
    if cells is None:
        new.update_many(overflow.items())
    elif cells.value_size == ctypes.sizeof(abi.BanBucket):
        new.update_many(AddressBans(cells, overflow).items())


def _replace_pins(loaded: BpfObject, state: StateDirectory) -> None:
    """Pin every map, each in place of its forerunner, and last the name of the layout."""
    if state.pins is None:
        return
    for name in markers(state):
        (state.pins / name).rmdir()
    for name in loaded.map_names():
        scratch = state.pins / f"new_{name}"
        scratch.unlink(missing_ok=True)
        loaded.map(name).pin(scratch)
        scratch.replace(state.pins / name)
    (state.pins / marker_name()).mkdir(mode=0o700)
