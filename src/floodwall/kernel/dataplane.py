"""The data plane of this network namespace: programs over maps, on interfaces.

Law: nothing here decides; maps are filled and interfaces chosen by others.  What is pinned
outlives this process, and the next one takes it over without losing a packet.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from floodwall.core.errors import KernelError
from floodwall.kernel.attachments import Attachment, Attachments
from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.build import data_plane_object, gateway_object
from floodwall.kernel.loading import Origin, Programs, Start, load_over_pins
from floodwall.kernel.probe import Feature, Features
from floodwall.kernel.programs import Program
from floodwall.kernel.tables import Tables, markers, open_pinned

_NEEDED: Final = (
    Feature.LIBBPF,
    Feature.CAPABILITIES,
    Feature.BTF,
    Feature.XDP,
    Feature.RAW_TRACEPOINT,
)
_GATEWAY_NEEDS: Final = (Feature.TCX,)


class DataPlane(Tables):
    """The loaded programs and their maps; `origin` says where the maps come from."""

    def __init__(
        self, loaded: BpfObject, start: Start, state: StateDirectory, origin: Origin
    ) -> None:
        # Those of a gateway, too: the XDP program may be loaded over them once more.
        super().__init__({name: loaded.map(name) for name in loaded.map_names()})
        self._programs = Programs(start, loaded, self.maps)
        self._attachments = Attachments(self._programs, start.features, state)
        self.features: Final = start.features
        self.origin: Final = origin

    @classmethod
    def start(
        cls,
        state: StateDirectory,
        features: Features,
        *,
        path: Path | None = None,
        constants: Mapping[str, int] | None = None,
        gateway: bool = False,
    ) -> Self:
        """Load the programs, over the pinned maps if there are any; attach nothing yet."""
        features.require(*_NEEDED, *(_GATEWAY_NEEDS if gateway else ()))
        made = path or (gateway_object() if gateway else data_plane_object())
        start = Start(made, features, constants or {})
        loaded, origin = load_over_pins(start, state)
        return cls(loaded, start, state, origin)

    @classmethod
    def adopt(cls, state: StateDirectory, features: Features, *, path: Path | None = None) -> Self:
        """Load over the pinned maps and take over the pinned links at once."""
        if not markers(state):
            raise KernelError(
                "there is no pinned data plane to adopt",
                op="adopt",
                obj=str(state.pins or state.reason),
                hint="start a new one",
            )
        adopted = cls.start(state, features, path=path)
        adopted.take_over()
        return adopted

    @staticmethod
    def from_pins(state: StateDirectory) -> Tables:
        """Open the pinned maps alone, to read or change them beside a daemon or without one."""
        return open_pinned(state)

    @property
    def attachments(self) -> Mapping[int, Attachment]:
        """The interfaces that are protected, and how."""
        return self._attachments.by_interface

    def take_over(self) -> list[Attachment]:
        """Replace the programs of the pinned links by ours; return the interfaces."""
        return self._attachments.take_over()

    def attach(self, ifindex: int, *, not_native: str = "") -> Attachment:
        """Protect an interface by the best XDP mode it takes; the answer says why not a better."""
        return self._attachments.attach(ifindex, not_native=not_native)

    def holds(self, ifindex: int) -> bool:
        """Tell whether the kernel still has all that was attached to an interface."""
        return self._attachments.holds(ifindex)

    def detach(self, ifindex: int) -> None:
        """Take the data plane off one interface."""
        self._attachments.detach(ifindex)

    def detach_all(self) -> None:
        """Take the data plane off every interface; the maps stay."""
        self._attachments.detach_all()

    def program(self, name: str) -> Program:
        """Return a loaded program, to run it over packets."""
        return self._programs.program(name)

    def close(self) -> None:
        """Close every descriptor; what is pinned goes on, what is not ends."""
        self._attachments.close()
        self._programs.close()
        super().close()
