"""The interfaces that are protected, by name: one that comes back under another number is too."""

from collections.abc import Iterable

from floodwall.core.errors import FloodwallError, NotSupported
from floodwall.core.plan import InterfacePlan
from floodwall.core.settings import AttachMode
from floodwall.kernel import rtnetlink
from floodwall.kernel.attachments import Attachment, XdpMode
from floodwall.kernel.dataplane import DataPlane


class Interfaces:
    """Keeps the data plane attached to interfaces by their names."""

    def __init__(self, plane: DataPlane, mode: AttachMode) -> None:
        self._plane = plane
        self._mode = mode
        self._names: dict[str, int] = {}
        self._troubles: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names in the order in which they were given."""
        return tuple(self._names)

    @property
    def indexes(self) -> frozenset[int]:
        """Return the interfaces that are attached now."""
        return frozenset(self._plane.attachments)

    @property
    def can_hand_over(self) -> bool:
        """Tell whether every interface hands requests over to listeners."""
        return all(attachment.handover for attachment in self._plane.attachments.values())

    def attach(self, names: Iterable[str]) -> None:
        """Attach to exactly these: all of them or, with an error, as it was before."""
        wanted = {name: rtnetlink.link(name).index for name in names}
        added: list[int] = []
        try:
            for index in wanted.values():
                if index not in self.indexes or not self._fits(self._plane.attachments[index]):
                    self._attach(index)
                    added.append(index)
        except FloodwallError:
            for index in added:
                self._plane.detach(index)
            raise
        for index in self.indexes - set(wanted.values()):
            self._plane.detach(index)
        self._names = wanted

    def follow(self) -> list[str]:
        """Attach anew to interfaces that were made anew; return sentences for the journal."""
        present = {link.name: link.index for link in rtnetlink.links()}
        told: list[str] = []
        for name, index in self._names.items():
            now = present.get(name, 0)
            if now == index and now in self.indexes:
                continue
            trouble = self._move(name, index, now)
            if trouble and self._troubles.get(name) != trouble:
                told.append(trouble)
            if not trouble:
                told.append(f"attached to {name} again")
            self._troubles[name] = trouble
        return told

    def plans(self) -> tuple[InterfacePlan, ...]:
        """Describe each interface with its rung."""
        known = self._plane.attachments
        return tuple(
            InterfacePlan(name, index, _rung(known[index]), known[index].refused)
            if index in known
            else InterfacePlan(name, index, "gone: attached again as soon as it is back")
            for name, index in self._names.items()
        )

    def _move(self, name: str, index: int, now: int) -> str:
        if index in self.indexes:
            self._plane.detach(index)
        if not now:
            return f"{name} is gone: attached again as soon as it is back"
        try:
            self._attach(now)
        except FloodwallError as error:
            return f"cannot attach to {name} again: {error.message}"
        self._names[name] = now
        return ""

    def _attach(self, index: int) -> None:
        if index in self.indexes:
            self._plane.detach(index)
        attachment = self._plane.attach(index, not_native=self._not_native(index))
        if not self._fits(attachment):
            self._plane.detach(index)
            raise NotSupported(
                f"the driver takes no native XDP: {'; '.join(attachment.refused)}",
                feature="native XDP",
                hint="leave out --mode native to run behind the driver",
            )

    def _not_native(self, index: int) -> str:
        """Say why the driver is left alone.

        A veth drops what XDP sends back unless its other end, in a namespace that is not ours,
        runs XDP too: veth_xdp_flush() of drivers/net/veth.c.
        """
        if self._mode is AttachMode.GENERIC:
            return "not wanted"
        kind = next((link.kind for link in rtnetlink.links() if link.index == index), "")
        if self._mode is AttachMode.AUTO and kind == "veth":
            return "a veth answers from its driver only if its other end runs XDP too"
        return ""

    def _fits(self, attachment: Attachment) -> bool:
        generic = attachment.mode is XdpMode.GENERIC
        if self._mode is AttachMode.NATIVE:
            return not generic
        return generic or self._mode is AttachMode.AUTO


class BareInterfaces:
    """Interfaces by their names, where there is no data plane to attach."""

    def __init__(self, description: str, refused: tuple[str, ...]) -> None:
        self._description = description
        self._refused = refused
        self._names: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names in the order in which they were given."""
        return tuple(self._names)

    @property
    def indexes(self) -> frozenset[int]:
        """Return the interfaces that are there now."""
        return frozenset(filter(None, self._names.values()))

    @property
    def can_hand_over(self) -> bool:
        """There is nobody to hand requests over."""
        return False

    def attach(self, names: Iterable[str]) -> None:
        """Look at exactly these, or raise ConfigError if there is no such interface."""
        self._names = {name: rtnetlink.link(name).index for name in names}

    def follow(self) -> list[str]:
        """Find interfaces that were made anew; there is nothing to tell."""
        present = {link.name: link.index for link in rtnetlink.links()}
        self._names = {name: present.get(name, 0) for name in self._names}
        return []

    def plans(self) -> tuple[InterfacePlan, ...]:
        """Describe each interface: all are on the same rung."""
        return tuple(
            InterfacePlan(name, index, self._description, self._refused)
            for name, index in self._names.items()
        )


def _rung(attachment: Attachment) -> str:
    adopted = ", taken over from the daemon before" if attachment.adopted else ""
    return f"XDP {attachment.mode.value}{adopted}"
