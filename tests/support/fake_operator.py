"""An operator's hand that only remembers what it was told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from floodwall.app.operator import AllowedRow, BanRow
from floodwall.core.address import Network
from floodwall.core.errors import ConfigError
from floodwall.core.settings import Bans


@dataclass
class FakeOperator:
    """Refuses what is in `refused`, and knows the networks in `known`."""

    refused: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    told: list[tuple[Any, ...]] = field(default_factory=list)
    ban_rows: list[BanRow] = field(default_factory=list)
    allowed_rows: list[AllowedRow] = field(default_factory=list)

    @contextmanager
    def at_work(self, caps: Bans) -> Iterator[FakeOperator]:
        """Be there for a while."""
        self.told.append(("caps", caps.max_count))
        yield self

    def ban(self, network: Network, for_s: float | None, reason: str) -> None:
        """Ban, or refuse."""
        if str(network) in self.refused:
            raise ConfigError(f"not banned: {network} is protected")
        self.told.append(("ban", str(network), for_s, reason))

    def unban(self, network: Network) -> bool:
        """Lift a ban, if it is known."""
        return str(network) in self.known

    def allow(self, network: Network, for_s: float | None, reason: str) -> None:
        """Remember the allowance."""
        self.told.append(("allow", str(network), for_s, reason))

    def disallow(self, network: Network) -> bool:
        """Take it back, if it is known."""
        return str(network) in self.known

    def bans(self) -> list[BanRow]:
        """Return the bans."""
        return self.ban_rows

    def allowed(self) -> list[AllowedRow]:
        """Return what is allowed."""
        return self.allowed_rows
