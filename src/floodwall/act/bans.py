"""Bans and never-ban entries, with or without a daemon, whatever enforces them.

Law: what touches the never-ban set is not written; the kernel looks at it before each drop, too,
where it can.
"""

from collections.abc import Iterator

from floodwall.act.ban_backend import Ban, BanBackend
from floodwall.core.address import Network
from floodwall.core.errors import ConfigError
from floodwall.core.model import Guard
from floodwall.core.never_ban import refusal
from floodwall.core.settings import Bans as Caps


class BanTable:
    """The bans of one network namespace as they are stored now."""

    def __init__(self, backend: BanBackend) -> None:
        self._backend = backend

    def bans(self, now_ns: int) -> Iterator[Ban]:
        """Return every ban that holds at this time."""
        return (ban for ban in self._backend.stored(now_ns) if ban.holds(now_ns))

    def never_ban(self) -> dict[Network, Guard]:
        """Return the never-ban set as it is stored."""
        return self._backend.guards()

    def add(self, network: Network, expires_ns: int, caps: Caps, now_ns: int) -> None:
        """Ban a network until `expires_ns`, or raise ConfigError with the reason why not."""
        with self._backend.changing():
            self._backend.sweep(now_ns)
            others = {ban.network for ban in self.bans(now_ns)} - {network}
            if reason := refusal(network, self.never_ban(), caps, len(others)):
                raise ConfigError(f"not banned: {reason}", hint="floodwall status shows who is")
            self._backend.put({network: expires_ns}, now_ns)

    def lift(self, network: Network, now_ns: int) -> bool:
        """Lift the ban of exactly this network; return whether there was one."""
        with self._backend.changing():
            known = any(ban.network == network for ban in self.bans(now_ns))
            self._backend.remove([network])
        return known

    def sweep(self, now_ns: int) -> int:
        """Remove bans that expired; return how many."""
        with self._backend.changing():
            return self._backend.sweep(now_ns)

    def allow(self, network: Network) -> None:
        """Never drop a network from now on; its bans, if any, have no effect any more."""
        guards = self.never_ban()
        if network not in guards:
            self._backend.allow(network)

    def disallow(self, network: Network) -> None:
        """Take that back, where no daemon is there to do it; other reasons to protect it stay."""
        if self.never_ban().get(network) is Guard.OPERATOR:
            self._backend.disallow(network)
