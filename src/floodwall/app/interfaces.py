"""The interfaces that are protected, by name: one that comes back under another number is too."""

from collections.abc import Iterable

from floodwall.core.errors import ConfigError, FloodwallError, NotSupported
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
        self._called: dict[str, str] = {}

    @property
    def trouble(self) -> str:
        """Say which interfaces are not protected, and why."""
        return "; ".join(filter(None, self._troubles.values()))

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
        found = {name: rtnetlink.link(name) for name in names}
        for link in found.values():
            _refuse_port(link)
        wanted = {name: link.index for name, link in found.items()}
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
        self._names, self._troubles, self._called = wanted, {}, {}

    def follow(self) -> list[str]:
        """Attach anew to interfaces that were made anew; return sentences for the journal."""
        links = rtnetlink.links()
        named = {link.name: link for link in links}
        numbered = {link.index: link for link in links}
        told: list[str] = []
        for name, index in self._names.items():
            holds = index in self.indexes and self._plane.holds(index)
            now = named.get(name)
            if now is None and (same := numbered.get(index)):
                # One that only changed its name has not gone.
                now = same if holds or same.name == self._called.get(name) else None
            if now and holds and now.index == index and not now.bridge:
                told.extend(self._call(name, now.name))
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
            else InterfacePlan(name, index, f"not protected: {self._troubles.get(name, '')}")
            for name, index in self._names.items()
        )

    def _call(self, name: str, now: str) -> list[str]:
        """Say once that an interface has another name."""
        if self._called.get(name, name) == now:
            return []
        self._called[name] = now
        return [f"{name} is now called {now}, and stays protected"]

    def _move(self, name: str, index: int, now: rtnetlink.Interface | None) -> str:
        if index in self.indexes:
            self._plane.detach(index)
        if now is None:
            return f"{name} is gone: attached again as soon as it is back"
        try:
            _refuse_port(now)
            self._attach(now.index)
        except FloodwallError as error:
            return f"cannot attach to {name} again: {error.message}"
        self._names[name] = now.index
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


def _refuse_port(link: rtnetlink.Interface) -> None:
    """Refuse the port of a bridge: what tc hands to a listener there, the bridge forgets.

    Seen on 6.18: each challenged client met the bare listener, and was reset.
    """
    if not link.bridge:
        return
    names = {each.index: each.name for each in rtnetlink.links()}
    bridge = names.get(link.bridge, "a bridge")
    raise ConfigError(
        f"{link.name} is a port of {bridge}",
        hint=f"protect the bridge: --interface {bridge}",
    )


class BareInterfaces:
    """Interfaces by their names, where there is no data plane to attach."""

    trouble = ""

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
