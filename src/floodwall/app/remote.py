"""What an operator can say about networks, through the daemon if one answers.

Without one, or if it hangs, the same is done on the pinned maps: an operator's word always works.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

from floodwall.app.client import Client, UnreachableError, merged
from floodwall.app.operator import AllowedRow, BanRow, Operator
from floodwall.core.address import Network
from floodwall.core.errors import ConfigError
from floodwall.core.settings import Bans as Caps


class Hand(Protocol):
    """Whoever carries out what an operator says about networks."""

    def ban(self, network: Network, for_s: float | None, reason: str) -> None:
        """Ban a network, or raise ConfigError with the reason why not."""

    def unban(self, network: Network) -> bool:
        """Lift a ban; return whether there was one."""

    def allow(self, network: Network, for_s: float | None, reason: str) -> None:
        """Never drop a network again, also not by a ban that it has."""

    def disallow(self, network: Network) -> bool:
        """Take that back; return whether it had been said."""

    def bans(self) -> list[BanRow]:
        """Return the bans that hold, the most recently hit first."""

    def allowed(self) -> list[AllowedRow]:
        """Return what the operator allowed by hand."""


class RemoteOperator:
    """An operator's hand that asks the daemon."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ban(self, network: Network, for_s: float | None, reason: str) -> None:
        """Ban a network, or raise ConfigError with the reason why not."""
        if why := self._each("ban", network, for_s=for_s, reason=reason):
            raise ConfigError(why)

    def unban(self, network: Network) -> bool:
        """Lift a ban; return whether there was one."""
        return not self._each("unban", network)

    def allow(self, network: Network, for_s: float | None, reason: str) -> None:
        """Never drop a network again, also not by a ban that it has."""
        if why := self._each("allow", network, for_s=for_s, reason=reason):
            raise ConfigError(why)

    def disallow(self, network: Network) -> bool:
        """Take that back; return whether it had been said."""
        return not self._each("disallow", network)

    def bans(self) -> list[BanRow]:
        """Return the bans that hold, the most recently hit first."""
        return msgspec.convert(self._rows("bans"), list[BanRow])

    def allowed(self) -> list[AllowedRow]:
        """Return what the operator allowed by hand."""
        return msgspec.convert(self._rows("allowed"), list[AllowedRow])

    def _each(self, verb: str, network: Network, **more: Any) -> str:
        """Ask for one network; return why not, or nothing."""
        answer = self._client.ask(verb, networks=[str(network)], **more)
        return str(answer["refused"].get(str(network), ""))

    def _rows(self, verb: str) -> list[Any]:
        rows: list[Any] = merged(self._client.pages(verb, "rows"), "rows")["rows"]
        return rows


@contextmanager
def hand_at_work(caps: Caps) -> Iterator[Hand]:
    """Reach the daemon, or else open the pinned maps; `caps` hold for bans without a daemon."""
    client = _answering()
    if client is None:
        with Operator.at_work(caps) as operator:
            yield operator
        return
    with client:
        yield RemoteOperator(client)


def _answering() -> Client | None:
    try:
        client = Client()
    except UnreachableError:
        return None
    try:
        client.ask("hello")
    except UnreachableError:
        client.close()
        return None
    return client
