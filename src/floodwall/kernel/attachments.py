"""The links of the data plane: made by a ladder of XDP modes, pinned, adopted, taken down.

Law: a program that somebody else attached is never replaced.
"""

import contextlib
import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from floodwall.core.errors import FloodwallError, KernelError
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.links import Link, detach_pinned, xdp_on
from floodwall.kernel.loading import HANDSHAKE, TC, TC_OUT, Programs
from floodwall.kernel.probe import Feature, Features
from floodwall.kernel.programs import Program

_XDP_PIN: Final = "link_xdp_"
_TCX_PIN: Final = "link_tcx_"
_OUT_PIN: Final = "link_out_"
_HANDSHAKE_PIN: Final = "link_handshake"
_TRACEPOINT: Final = "inet_sock_set_state"


class XdpMode(Enum):
    """Where on an interface the XDP program runs, best first."""

    NATIVE_FRAGS = "native, packets of several pages"
    NATIVE = "native, packets of one page"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Attachment:
    """What happened on one interface; `refused` says why each better way was not taken."""

    ifindex: int
    mode: XdpMode
    handover: bool
    adopted: bool = False
    refused: tuple[str, ...] = ()


class Attachments:
    """Every link that this process made or adopted, by interface."""

    def __init__(self, programs: Programs, features: Features, state: StateDirectory) -> None:
        self._programs = programs
        self._features = features
        self._state = state
        self._xdp: dict[int, Link] = {}
        self._tcx: dict[int, Link] = {}
        self._out: dict[int, Link] = {}
        self._handshake: Link | None = None
        self.by_interface: Final[dict[int, Attachment]] = {}

    def attach(self, ifindex: int, *, not_native: str = "") -> Attachment:
        """Attach to an interface: native with frags, native without, generic.

        `not_native` is a reason to leave the driver alone and begin with generic.
        """
        if ifindex in self.by_interface:
            return self.by_interface[ifindex]
        self._refuse_foreign(ifindex)
        refused: list[str] = []
        self._hear_handshakes()
        handover = self._attach_tcx(ifindex, refused)
        try:
            self._attach_out(ifindex)
            mode = self._climb(ifindex, not_native, refused)
        except FloodwallError:
            _drop(self._tcx, ifindex)
            _drop(self._out, ifindex)
            raise
        made = Attachment(ifindex, mode, handover, refused=tuple(refused))
        self.by_interface[ifindex] = made
        return made

    def take_over(self) -> list[Attachment]:
        """Put our programs into the pinned links of a daemon that is gone, atomically."""
        self._hear_handshakes()
        wants_in = self._programs.has_handover or self._programs.splices
        self._take_over_tcx(_TCX_PIN, TC if wants_in else "", self._tcx)
        self._take_over_tcx(_OUT_PIN, TC_OUT if self._programs.splices else "", self._out)
        for ifindex, link in self._pinned(_XDP_PIN):
            self._take_over_xdp(ifindex, link)
        return list(self.by_interface.values())

    def holds(self, ifindex: int) -> bool:
        """Tell whether the kernel still has each link that was made for an interface.

        A link ends with its interface, whose number may be given to another at once, and whoever
        is root can end a link.
        """
        made = [links[ifindex] for links in (self._xdp, self._tcx) if ifindex in links]
        return bool(made) and all(link.info().ifindex == ifindex for link in made)

    def detach(self, ifindex: int) -> None:
        """Take everything off one interface."""
        _drop(self._xdp, ifindex)
        _drop(self._tcx, ifindex)
        _drop(self._out, ifindex)
        self.by_interface.pop(ifindex, None)

    def detach_all(self) -> None:
        """Take everything off every interface, and stop hearing of handshakes."""
        for ifindex in list(self.by_interface):
            self.detach(ifindex)
        if self._handshake is not None:
            self._handshake.detach()
            self._handshake = None
        detach_pinned(self._state)

    def close(self) -> None:
        """Close the descriptors: pinned links stay, others end."""
        for link in [*self._xdp.values(), *self._tcx.values(), *self._out.values()]:
            link.close()
        if self._handshake is not None:
            self._handshake.close()

    def _refuse_foreign(self, ifindex: int) -> None:
        found = xdp_on(ifindex)
        if not found.prog_id:
            return
        name = _program_name(found.prog_id)
        raise KernelError(
            f"{_interface(ifindex)} already has the XDP program {name} (id {found.prog_id})",
            op="attach XDP",
            errno=errno.EBUSY,
            obj=str(ifindex),
            hint="stop what attached it, or `ip link set dev IFACE xdp off`, and start again",
        )

    # Generic XDP takes the program without frags: for one with, kernel 6.18 copies the packet
    # (skb_pp_cow_data()) and the copy's metadata reaches tc shifted by the Ethernet header.
    def _climb(self, ifindex: int, not_native: str, refused: list[str]) -> XdpMode:
        """Try each mode from the best; the failures of those above go to `refused`."""
        not_native = not_native or self._no_native()
        if not_native:
            refused.append(f"native: {not_native}")
        for mode in [XdpMode.GENERIC] if not_native else XdpMode:
            reason = self._ruled_out(mode)
            if reason:
                refused.append(f"{mode.value}: {reason}")
                continue
            try:
                program = self._programs.xdp(frags=mode is XdpMode.NATIVE_FRAGS)
                link = Link.xdp(program.fd, ifindex, native=mode is not XdpMode.GENERIC)
            except KernelError as error:
                if error.errno in {errno.ENODEV, errno.EBUSY}:
                    raise
                refused.append(f"{mode.value}: {error.message}")
                continue
            self._keep(self._xdp, ifindex, link, _XDP_PIN)
            return mode
        raise KernelError(
            f"XDP cannot be attached to interface {ifindex}: {'; '.join(refused)}",
            op="attach XDP",
            obj=str(ifindex),
        )

    def _no_native(self) -> str:
        lacking = self._features.lacks(Feature.NATIVE_XDP)
        return self._features[Feature.NATIVE_XDP].reason if lacking else ""

    def _ruled_out(self, mode: XdpMode) -> str:
        if mode is XdpMode.GENERIC:
            lacking = self._features.lacks(Feature.GENERIC_XDP)
            return self._features[Feature.GENERIC_XDP].reason if lacking else ""
        if mode is XdpMode.NATIVE_FRAGS and not self._programs.has_frags:
            return self._features[Feature.XDP_FRAGS].reason
        return ""

    def _attach_tcx(self, ifindex: int, refused: list[str]) -> bool:
        if not (self._programs.has_handover or self._programs.splices):
            lacking = (Feature.HANDOVER, Feature.TCX)
            refused.extend(
                f"hand-over: {each.value}: {self._features[each].reason}"
                for each in lacking
                if self._features.lacks(each)
            )
            return False
        try:
            link = Link.tcx_ingress(self._programs.program(TC).fd, ifindex)
        except KernelError as error:
            refused.append(f"hand-over: {error.message}")
            return False
        self._keep(self._tcx, ifindex, link, _TCX_PIN)
        return self._programs.has_handover

    def _attach_out(self, ifindex: int) -> None:
        """A gateway splices in tc alone: without both of its hooks there is none."""
        if not self._programs.splices or ifindex in self._out:
            return
        if ifindex not in self._tcx:
            raise KernelError(
                f"tc cannot be attached to interface {ifindex}", op="attach TCX", obj=str(ifindex)
            )
        link = Link.tcx_egress(self._programs.program(TC_OUT).fd, ifindex)
        self._keep(self._out, ifindex, link, _OUT_PIN)

    def _take_over_tcx(self, prefix: str, name: str, links: dict[int, Link]) -> None:
        """Put our program into pinned links, or end those that have none any more."""
        for ifindex, link in self._pinned(prefix):
            if name and _replaced(link, self._programs.program(name)):
                links[ifindex] = link
            else:
                link.detach()

    def _hear_handshakes(self) -> None:
        """Attach to the tracepoint; a raw tracepoint link cannot be updated, so new before old."""
        if self._handshake is not None:
            return
        self._handshake = Link.raw_tracepoint(self._programs.program(HANDSHAKE).fd, _TRACEPOINT)
        self._pin(self._handshake, _HANDSHAKE_PIN)

    def _take_over_xdp(self, ifindex: int, link: Link) -> None:
        """Update the link; where the driver takes neither program, leave it to `attach`."""
        mode = self._updated(link, native=xdp_on(ifindex).native)
        if mode is None:
            link.detach()
            return
        self._xdp[ifindex] = link
        refused: list[str] = []
        handover = ifindex in self._tcx or self._attach_tcx(ifindex, refused)
        self._attach_out(ifindex)
        self.by_interface[ifindex] = Attachment(
            ifindex, mode, handover, adopted=True, refused=tuple(refused)
        )

    def _updated(self, link: Link, *, native: bool) -> XdpMode | None:
        frags = native and self._programs.has_frags
        if frags and _replaced(link, self._programs.xdp(frags=True)):
            return XdpMode.NATIVE_FRAGS
        if not _replaced(link, self._programs.xdp(frags=False)):
            return None
        return XdpMode.NATIVE if native else XdpMode.GENERIC

    def _pinned(self, prefix: str) -> Iterator[tuple[int, Link]]:
        """Yield the pinned links of interfaces that are still there, and unpin the others."""
        for path in self._state.pinned(prefix):
            link = Link.from_pin(path)
            ifindex = link.info().ifindex
            if path.name == f"{prefix}{ifindex}":
                yield ifindex, link
            else:
                link.detach()

    def _keep(self, links: dict[int, Link], ifindex: int, link: Link, prefix: str) -> None:
        links[ifindex] = link
        self._pin(link, f"{prefix}{ifindex}")

    def _pin(self, link: Link, name: str) -> None:
        """Pin in the place of a former pin, without a moment between them."""
        path, scratch = self._state.pin(name), self._state.pin(f"new_{name}")
        if path is None or scratch is None:
            return
        scratch.unlink(missing_ok=True)
        link.pin(scratch)
        scratch.replace(path)
        link.path = path


def _drop(links: dict[int, Link], ifindex: int) -> None:
    link = links.pop(ifindex, None)
    if link is not None:
        link.detach()


def _replaced(link: Link, program: Program) -> bool:
    try:
        link.update(program.fd)
    except KernelError:
        return False
    return True


def _interface(ifindex: int) -> str:
    with contextlib.suppress(OSError):
        return socket.if_indextoname(ifindex)
    return f"interface {ifindex}"


def _program_name(number: int) -> str:
    with contextlib.suppress(KernelError):
        program = Program.from_id(number)
        program.close()
        return program.name
    return "of another namespace"
