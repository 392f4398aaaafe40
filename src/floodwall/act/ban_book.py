"""The daemon's bans: what should hold, written through one backend and compared with it.

Law: every ban passes one gate, whoever asks for it; what nobody asked for does not stay.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from floodwall.act.ban_backend import Ban, BanBackend
from floodwall.act.patience import Patience
from floodwall.core.address import Address, Network
from floodwall.core.errors import ConfigError, NotSupported
from floodwall.core.model import Guard
from floodwall.core.networks import NetworkSet
from floodwall.core.never_ban import refusal
from floodwall.core.settings import Bans as Caps

_FRAME = "frame"


class Notes(Protocol):
    """What an operator did to bans beside the daemon."""

    def banned(self) -> Mapping[Network, int]:
        """Return what was banned by hand, with the time until which."""

    def take_lifted(self) -> Iterable[Network]:
        """Return what was lifted by hand since the last time."""


@dataclass(slots=True)
class Healing:
    """What was found not to be as it should be: `drift` objects, in `told` sentences."""

    drift: int = 0
    told: list[str] = field(default_factory=list)


class BanBook:
    """Knows what is banned until when, and keeps the kernel in agreement with it."""

    def __init__(self, backend: BanBackend, caps: Callable[[], Caps], notes: Notes) -> None:
        self._backend = backend
        self._caps = caps
        self._notes = notes
        self._wanted: dict[Network, int] = {}
        self._guards: Mapping[Network, Guard] = {}
        self._protected = NetworkSet()
        self._patience = Patience()
        self._strangers: frozenset[Network] = frozenset()
        self._settled = False
        """Nothing was found wrong and left so at the last look."""
        self._resuming: set[Network] = set()

    def adopt(self, now_ns: int) -> int:
        """Take over what an earlier daemon banned; return how many bans hold."""
        with self._backend.changing():
            self._backend.repair(now_ns)
            self._guards = self._backend.guards()
            stored = self._backend.stored(now_ns)
            self._wanted = {ban.network: ban.expires_ns for ban in stored if ban.holds(now_ns)}
        self._protected = NetworkSet(self._guards)
        return len(self._wanted)

    def destroy(self) -> None:
        """Remove everything that the backend has made, and let go of it."""
        self._backend.destroy()
        self._backend.close()

    def close(self) -> None:
        """Let go of the backend; bans stay."""
        self._backend.close()

    def wanted(self, now_ns: int) -> dict[Network, int]:
        """Return what is banned, with the time until which; 0 is without end."""
        return {net: until for net, until in self._wanted.items() if not 0 < until <= now_ns}

    def _due(self, now_ns: int) -> dict[Network, int]:
        """Return what should be in the kernel."""
        wanted = self.wanted(now_ns)
        return {net: until_ns for net, until_ns in wanted.items() if not self._pauses(net)}

    def _pauses(self, network: Network) -> bool:
        return not self._backend.guards_first and self._protected.covering(network) is not None

    def ban(self, network: Network, until_ns: int, now_ns: int) -> None:
        """Ban a network, or raise ConfigError with the reason why not."""
        if len(self._wanted) >= self._caps().max_count:
            self._wanted = self.wanted(now_ns)
        touched = self._protected.touching(network)
        guards = {touched: self._guards[touched]} if touched is not None else {}
        count = len(self._wanted) - (network in self._wanted)
        if reason := refusal(network, guards, self._caps(), count):
            raise ConfigError(f"not banned: {reason}")
        # Wanted first: what the backend cannot take now, `heal` tries again.
        self._wanted[network] = until_ns
        with self._backend.changing():
            try:
                self._backend.put({network: until_ns}, now_ns)
            except NotSupported:
                del self._wanted[network]
                raise

    def lift(self, network: Network) -> bool:
        """Lift a ban; return whether there was one."""
        known = self._wanted.pop(network, None) is not None
        with self._backend.changing():
            self._backend.remove([network])
        return known

    def is_spared(self, address: Address) -> bool:
        """Tell whether an address is in the never-ban set."""
        return address in self._protected

    def guard(self, networks: Mapping[Network, Guard]) -> None:
        """Never drop these; where the kernel cannot see to it, bans inside of them pause."""
        paused = set(filter(self._pauses, self._wanted))
        self._guards = networks
        self._protected = NetworkSet(networks)
        now_paused = set(filter(self._pauses, self._wanted))
        with self._backend.changing():
            self._backend.remove(now_paused)
            self._backend.set_guards(networks)
        if paused - now_paused:
            # They come back with the next look; none of them is drift.
            self._resuming |= paused - now_paused
            self._settled = False

    def sweep(self, now_ns: int) -> int:
        """Forget and remove bans that expired; return how many."""
        before = len(self._wanted)
        self._wanted = self.wanted(now_ns)
        with self._backend.changing():
            self._backend.sweep(now_ns)
        return before - len(self._wanted)

    def heal(self, now_ns: int) -> Healing:
        """Compare what holds with what should, and put it right."""
        healing = Healing()
        for network in self._notes.take_lifted():
            self._wanted.pop(network, None)
        if self._settled and self._backend.untouched():
            return healing
        self._settled = True
        with self._backend.changing():
            if self._is_left(_FRAME, "where bans are kept", now_ns, healing):
                return healing
            repairs = self._backend.repair(now_ns)
            if repairs:
                self._patience.healed(_FRAME, now_ns)
                healing.told += repairs
                healing.drift += len(repairs)
            stored = list(self._backend.stored(now_ns))
            actual = {ban.network: ban for ban in stored if ban.holds(now_ns)}
            if len(actual) < len(stored):
                self._backend.remove([ban.network for ban in stored if not ban.holds(now_ns)])
            self._take_over(actual)
            self._put_back(actual, now_ns, healing, lone=not repairs)
            self._remove_strangers(actual, healing)
        return healing

    def _take_over(self, actual: Mapping[Network, Ban]) -> None:
        """Want what an operator banned beside us."""
        right = all(self._agrees(actual.get(net), until) for net, until in self._wanted.items())
        if right and actual.keys() <= self._wanted.keys():
            return
        for network, until_ns in self._notes.banned().items():
            if network in actual and self._agrees(actual[network], until_ns):
                self._wanted[network] = actual[network].expires_ns

    def _put_back(
        self, actual: Mapping[Network, Ban], now_ns: int, healing: Healing, *, lone: bool
    ) -> None:
        """Write bans again that are gone or end at another time; `lone` if only they went."""
        wrong = {
            network: until_ns
            for network, until_ns in self._due(now_ns + self._backend.precision_ns).items()
            if not self._agrees(actual.get(network), until_ns)
            and not self._is_left(network, f"the ban of {network}", now_ns, healing)
        }
        if wrong:
            self._backend.put(wrong, now_ns)
        drifted, self._resuming = wrong.keys() - self._resuming, set()
        if drifted:
            healing.drift += len(drifted)
            healing.told.append(f"put back {_named(drifted)}, which somebody else had changed")
        for network in drifted if lone else ():
            self._patience.healed(network, now_ns)

    def _is_left(self, thing: Hashable, name: str, now_ns: int, healing: Healing) -> bool:
        if not self._patience.is_left(thing, now_ns):
            return False
        self._settled = False
        if self._patience.is_news(thing):
            healing.told.append(f"somebody else keeps changing {name}: left alone for 5 minutes")
        return True

    def _agrees(self, ban: Ban | None, until_ns: int) -> bool:
        if ban is None:
            return False
        if 0 in {ban.expires_ns, until_ns}:
            return ban.expires_ns == until_ns
        return abs(ban.expires_ns - until_ns) <= self._backend.precision_ns

    def _remove_strangers(self, actual: Mapping[Network, Ban], healing: Healing) -> None:
        """Remove bans that nobody asked for."""
        unknown = actual.keys() - self._wanted.keys()
        # Somebody at work beside us writes the ban first and the reason after it.
        certain = sorted(unknown & self._strangers, key=str)
        self._strangers = frozenset(unknown)
        self._settled &= not unknown
        if certain:
            self._backend.remove(certain)
            healing.drift += len(certain)
            healing.told.append(f"removed {_named(certain)}, for which nobody asked")


def _named(networks: Iterable[Network]) -> str:
    names = sorted(map(str, networks))
    what = "the ban" if len(names) == 1 else f"{len(names)} bans"
    return f"{what} of {', '.join(names[:3])}{', ...' if len(names) > 3 else ''}"
