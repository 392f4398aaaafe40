"""Where a capture is replayed: the compiled data plane in a network namespace of its own.

Law: the same control plane fills the same maps as on the wire, and nothing is ever attached.
"""

import contextlib
import ctypes
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from floodwall.act.dataplane import DataPlaneWriter
from floodwall.core.address import pack
from floodwall.core.commands import (
    RotateKey,
    SetAddresses,
    SetLimits,
    SetMachineLimits,
    SetNeverBan,
    SetServices,
)
from floodwall.core.decide import decide
from floodwall.core.errors import NotSupported
from floodwall.core.model import Endpoint, StackLimits, Target
from floodwall.core.observation import Observation
from floodwall.core.settings import Settings
from floodwall.core.state import State
from floodwall.kernel import _abi as abi
from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.build import compile_object, data_plane_object
from floodwall.kernel.netns import netns_cookie, private
from floodwall.kernel.probe import Feature, mask_from_environment, probe
from floodwall.kernel.programs import TestRun
from floodwall.kernel.tables import MAP_NAMES, Tables

_FREEBIND: Final = {socket.AF_INET: (socket.IPPROTO_IP, 15), socket.AF_INET6: (41, 78)}
_ONLY: Final = (0).to_bytes(4, "little")
_INTERFACE: Final = 1  # lo: programs that are only run are taken to receive from it
_FOREVER_NS: Final = 2**63 - 1


class Stage:
    """A loaded data plane with a clock that is set by hand."""

    def __init__(self, loaded: BpfObject, told: BpfObject) -> None:
        self.tables: Final = Tables({name: loaded.map(name) for name in MAP_NAMES})
        self._xdp = loaded.program("xdp_ingress")
        self._told = told.program("handshake_told")
        self._config = abi.Config()

    def fill(self, settings: Settings, services: tuple[Endpoint, ...], backlog: int) -> None:
        """Let the control plane decide on these listeners, and write what it wants."""
        seen = Observation(
            now_ns=1,
            interfaces=frozenset({_INTERFACE}),
            stack=StackLimits(),
            targets=tuple(Target(end, backlog) for end in services),
            addresses=frozenset(end.address for end in services),
            translations=(),
            protected=frozenset(),
            readings=(),
        )
        _, commands = decide(State.adopted(settings, {}, None), seen)
        with tempfile.TemporaryDirectory(prefix="floodwall-replay-") as place:
            writer = DataPlaneWriter(self.tables, Path(place))
            for command in commands:
                match command:
                    case SetMachineLimits(limits):
                        writer.set_machine_limits(limits)
                    case SetServices(keys):
                        writer.set_services(keys)
                    case SetLimits(index, service_limits):
                        writer.set_limits(index, service_limits)
                    case SetAddresses(addresses):
                        writer.set_addresses(addresses)
                    case SetNeverBan(networks):
                        writer.set_never_ban(networks)
                    case RotateKey(scale):
                        writer.rotate_key(scale)
                    case _:
                        pass  # for the machine, which a replay leaves alone
        self.tables.set_lease(_FOREVER_NS)
        self._config = self.tables.config()

    def run(self, frame: bytes, now_ns: int) -> TestRun:
        """Show a frame to the program at a time."""
        if self._config.replay_now_ns != now_ns:
            self._config.replay_now_ns = now_ns
            self.tables.maps["config"].update(_ONLY, bytes(self._config))
        return self._xdp.test_run(frame)

    def complete(self, client: bytes, port: int, server: bytes, service_port: int) -> None:
        """Say that the stack has completed a handshake."""
        ports = port.to_bytes(2, "big") + service_port.to_bytes(2, "little")
        self._told.call(client + server + ports)

    def reasons(self) -> Mapping[abi.Reason, int]:
        """Return how many frames left for each reason."""
        return self.tables.reasons()


@contextlib.contextmanager
def stage(settings: Settings, services: tuple[Endpoint, ...], backlog: int) -> Iterator[Stage]:
    """Load the data plane for these services; NotSupported says what is missing."""
    features = probe(mask_from_environment())
    features.require(Feature.CAPABILITIES, Feature.LIBBPF, Feature.BTF)
    with contextlib.ExitStack() as stack:
        stack.enter_context(private())
        for end in services:
            stack.enter_context(_listener(end, backlog))
        loaded = stack.enter_context(_loaded("floodwall", {}))
        shared = {name: loaded.map(name).fd for name in MAP_NAMES}
        told = stack.enter_context(_loaded("replay", shared))
        ready = Stage(loaded, told)
        ready.fill(settings, services, backlog)
        yield ready


def _loaded(name: str, maps: Mapping[str, int]) -> BpfObject:
    path = data_plane_object() if name == "floodwall" else compile_object(name)
    opened = BpfObject.open(path)
    try:
        chosen = {"fw_replay": 1, "fw_netns_cookie": netns_cookie()}
        for constant in opened.constants() & chosen.keys():
            opened.set_constant(constant, chosen[constant])
        for each in opened.map_names() & maps.keys():
            opened.reuse(each, maps[each])
        opened.load()
    except BaseException:
        opened.close()
        raise
    return opened


def _listener(end: Endpoint, backlog: int) -> socket.socket:
    """Listen where the capture says that a server listened, though the address is not ours."""
    family = socket.AF_INET if end.address.version == 4 else socket.AF_INET6
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(*_FREEBIND[family], 1)
        made.bind((str(end.address), end.port))
        made.listen(backlog)
    except OSError as error:
        made.close()
        raise NotSupported(
            f"cannot listen as {end} in a namespace of our own: {error.strerror}",
            feature="IP_FREEBIND",
        ) from error
    return made


def packed(end: Endpoint) -> tuple[bytes, int]:
    """Return an endpoint as the frames of a capture name it."""
    return pack(end.address), end.port


_TOLD_BYTES: Final = 36
assert ctypes.sizeof(abi.Addr) * 2 + 4 == _TOLD_BYTES  # noqa: S101  struct handshake
