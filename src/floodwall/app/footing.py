"""What the defence stands on: XDP, else nftables, else routes, else nothing but its eyes.

Law: each rung is tried in this order, and every one that was not taken has its reason.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from floodwall.act.ban_backend import BanBackend
from floodwall.act.ban_nft import NftBans
from floodwall.act.ban_nowhere import NoBans
from floodwall.act.ban_routes import RouteBans
from floodwall.act.ban_xdp import XdpBans
from floodwall.app.interfaces import BareInterfaces, Interfaces
from floodwall.core.errors import FloodwallError, KernelError, NotSupported
from floodwall.core.settings import AttachMode
from floodwall.kernel.absent import AbsentPlane
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.loading import can_hand_over
from floodwall.kernel.nftables import Nftables
from floodwall.kernel.probe import Feature, Features


class Rung(StrEnum):
    """The rungs of the mechanism ladder, best first."""

    XDP = "XDP"
    NFTABLES = "nftables"
    ROUTES = "routes"
    OBSERVE = "observe"


ABILITIES: Final = {
    Rung.XDP: "challenges and bans in front of the stack",
    Rung.NFTABLES: "bans in front of conntrack; the only SYN cookies are the kernel's own",
    Rung.ROUTES: "bans by blackhole routes, behind IP and without hits; "
    "the only SYN cookies are the kernel's own",
    Rung.OBSERVE: "only looks and tells; the only SYN cookies are the kernel's own",
}
"""What each rung can do, for the operator."""

LAST_WORDS: Final = {
    Rung.NFTABLES: "if it dies, bans in nftables run to their own expiry",
    Rung.ROUTES: "if it dies, bans by routes stay until 'floodwall run' or 'floodwall off'",
    Rung.OBSERVE: "nothing is left of it if it dies, but changed sysctls until 'floodwall off'",
}
"""What becomes of each lower rung without the daemon."""

_NO_ACCESS: Final = frozenset({errno.EPERM, errno.EACCES})


@dataclass(frozen=True, slots=True)
class Footing:
    """The rung that was taken, and why the better ones were not."""

    rung: Rung
    plane: DataPlane | AbsentPlane
    bans: BanBackend
    features: Features
    refused: tuple[str, ...] = ()

    @property
    def can_hand_over(self) -> bool:
        """Tell whether tc can give requests to listeners here."""
        return self.rung is Rung.XDP and can_hand_over(self.features)

    def take_over(self) -> bool:
        """Take over links that an earlier daemon left; return whether there were any."""
        return isinstance(self.plane, DataPlane) and bool(self.plane.take_over())

    def interfaces(self, mode: AttachMode) -> Interfaces | BareInterfaces:
        """Return what keeps to the interfaces on this rung."""
        if isinstance(self.plane, DataPlane):
            return Interfaces(self.plane, mode)
        return BareInterfaces(self.description, self.refused)

    def below(self, directory: StateDirectory, error: FloodwallError, now_ns: int) -> "Footing":
        """Return the best rung below XDP."""
        return below(directory, self.features, error, now_ns)

    @property
    def description(self) -> str:
        """Say for an operator where we stand."""
        return f"{self.rung}: {ABILITIES[self.rung]}"


def may_descend(directory: StateDirectory, mode: AttachMode) -> bool:
    """Tell whether a lower rung will do: not if the settings or pinned links want XDP."""
    return mode is AttachMode.AUTO and not directory.pinned("link_")


def find_footing(
    directory: StateDirectory,
    mode: AttachMode,
    features: Features,
    now_ns: int,
    *,
    gateway: bool = False,
) -> Footing:
    """Stand on XDP or, where that cannot be and need not be, on the best rung below."""
    if gateway:  # no lower rung does anything for what stands behind
        features.require(Feature.XDP, Feature.TCX)
    try:
        features.require(Feature.CAPABILITIES, Feature.LIBBPF)
        plane = DataPlane.start(directory, features, gateway=gateway)
    except (KernelError, NotSupported) as error:
        if not may_descend(directory, mode):
            raise
        directory.unpin()
        return below(directory, features, error, now_ns)
    return Footing(Rung.XDP, plane, XdpBans(plane, directory.run), features)


def below(
    directory: StateDirectory, features: Features, error: FloodwallError, now_ns: int
) -> Footing:
    """Stand on the best rung below XDP, which `error` has ruled out."""
    refused = [f"{Rung.XDP}: {error.message}"]
    for rung, feature, make in _LADDER:
        if features.lacks(feature):
            refused.append(f"{rung}: {features[feature].reason}")
            continue
        try:
            bans = make(directory.run)
            try:
                bans.repair(now_ns)
            except BaseException:
                bans.close()
                raise
        except FloodwallError as why:
            refused.append(f"{rung}: {why.message}")
            continue
        return Footing(rung, AbsentPlane(), bans, features, tuple(refused))
    return Footing(Rung.OBSERVE, AbsentPlane(), NoBans(refused), features, tuple(refused))


@contextmanager
def standing_bans(directory: StateDirectory) -> Iterator[BanBackend]:
    """Open the bans of this namespace beside a daemon or without one, whatever holds them."""
    try:
        tables = DataPlane.from_pins(directory)
    except KernelError as error:
        backend = _lower(directory.run)
        if backend is None:
            raise error from None
    else:
        with tables:
            yield XdpBans(tables, directory.run)
        return
    try:
        yield backend
    finally:
        backend.close()


def remove_lower(run: Path) -> Iterator[str]:
    """Remove what lower rungs have left in this namespace; yield what was removed."""
    for rung, make in ((Rung.NFTABLES, _nft), (Rung.ROUTES, RouteBans)):
        try:
            bans = make(run)
            try:
                if bans.destroy():
                    yield f"removed the bans in {rung}"
            finally:
                bans.close()
        except NotSupported:
            continue
        except KernelError as error:
            if error.errno not in _NO_ACCESS:
                yield f"could not look for bans in {rung}: {error.message}"


def _lower(run: Path) -> BanBackend | None:
    """Return the backend of a lower rung that has left its mark."""
    for make in (_nft, RouteBans):
        try:
            bans = make(run)
        except FloodwallError:
            continue
        try:
            if bans.is_there():
                return bans
        except FloodwallError:
            pass
        bans.close()
    return None


def _nft(run: Path) -> NftBans:
    return NftBans(Nftables(), run)


_LADDER: Final[tuple[tuple[Rung, Feature, Callable[[Path], BanBackend]], ...]] = (
    (Rung.NFTABLES, Feature.NFTABLES, _nft),
    (Rung.ROUTES, Feature.ROUTES, RouteBans),
)
