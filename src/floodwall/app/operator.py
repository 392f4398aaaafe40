"""What an operator can say about networks: ban, unban, allow.

Works on the pinned maps, with or without a daemon.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from floodwall.act.bans import BanTable
from floodwall.app.footing import standing_bans
from floodwall.app.instance import running
from floodwall.app.recording import a_hand
from floodwall.core.address import Network
from floodwall.core.commands import Ban, Lift
from floodwall.core.decision import Act, Decision
from floodwall.core.errors import KernelError
from floodwall.core.model import SECOND_NS
from floodwall.core.settings import Bans as Caps
from floodwall.kernel.bpffs import StateDirectory
from floodwall.store.beside import write_by_hand
from floodwall.store.journal import Journal
from floodwall.store.place import find_record
from floodwall.store.words import Word, Words


@dataclass(frozen=True, slots=True)
class BanRow:
    """A ban as the operator reads it."""

    network: str
    left_s: float | None
    """None is until lifted."""
    hits: int
    since: str
    reason: str


@dataclass(frozen=True, slots=True)
class AllowedRow:
    """A network that must never be banned, as the operator reads it."""

    network: str
    left_s: float | None
    since: str
    reason: str


class Operator:
    """The operator's hand on one network namespace."""

    def __init__(self, table: BanTable, directory: StateDirectory, caps: Caps) -> None:
        self._table = table
        self._directory = directory
        self._words = Words(directory.run)
        self._journal = Journal(directory.run)
        self._caps = caps

    @classmethod
    @contextmanager
    def at_work(cls, caps: Caps) -> Iterator[Self]:
        """Open the pinned maps of this network namespace for a while."""
        directory = StateDirectory.find()
        if directory is None:
            raise KernelError(
                "Floodwall does not run in this network namespace",
                op="open pins",
                hint="start it with 'floodwall run'",
            )
        with standing_bans(directory) as bans:
            yield cls(BanTable(bans), directory, caps)

    def ban(self, network: Network, for_s: float | None, reason: str) -> None:
        """Ban a network, or raise ConfigError with the reason why not."""
        now_ns = time.monotonic_ns()
        until_ns = _until_ns(now_ns, for_s)
        self._table.add(network, until_ns, self._caps, now_ns)
        self._words.say_ban(network, _word(reason, until_ns))
        text = f"banned {network} by the operator: {reason or 'no reason given'}"
        if not running(self._directory.run):
            made = Decision(
                now_ns, Act.BAN, "operator", str(network), text, network=network, until_ns=until_ns
            )
            self._write_down(Ban(network, until_ns, made))
        self._journal.write(text)

    def unban(self, network: Network) -> bool:
        """Lift a ban; return whether there was one."""
        now_ns = time.monotonic_ns()
        lifted = self._table.lift(network, now_ns)
        self._words.forget_ban(network)
        if lifted and running(self._directory.run):
            self._words.say_lifted(network, _word("lifted by the operator", 0))
        elif lifted:
            text = f"lifted the ban of {network} by the operator, without a daemon"
            made = Decision(now_ns, Act.LIFT, "operator", str(network), text, network=network)
            self._write_down(Lift(network, made))
        if lifted:
            self._journal.write(f"lifted the ban of {network} by the operator")
        return lifted

    def _write_down(self, command: Ban | Lift) -> None:
        """Let the next daemon know from the record what was done without one."""
        if why := write_by_hand(find_record(self._directory.run), a_hand(), command):
            self._journal.write(f"the record does not know what was done by hand: {why}")

    def allow(self, network: Network, for_s: float | None, reason: str) -> None:
        """Never drop a network again, also not by a ban that it has."""
        self.note_allowed(network, _until_ns(time.monotonic_ns(), for_s), reason)
        self._journal.write(f"{network} must never be banned, says the operator")

    def note_allowed(self, network: Network, until_ns: int, reason: str) -> None:
        """Remember and enforce that a network must never be banned."""
        self._words.say_allowed(network, _word(reason, until_ns))
        self._table.allow(network)

    def note_ban(self, network: Network, until_ns: int, reason: str) -> None:
        """Remember why a network is banned that the daemon has banned itself."""
        self._words.say_ban(network, _word(reason, until_ns))

    def note_lift(self, network: Network) -> None:
        """Forget why a network was banned."""
        self._words.forget_ban(network)

    def disallow(self, network: Network) -> bool:
        """Take that back; return whether it had been said."""
        known = self._words.forget_allowed(network)
        # A daemon knows the other reasons to protect a network, and does it within a second.
        if known and running(self._directory.run) is None:
            self._table.disallow(network)
        return known

    def bans(self) -> list[BanRow]:
        """Return the bans that hold, the most recently hit first."""
        now_ns = time.monotonic_ns()
        words = self._words.bans()
        silent = Word(since="", reason="", until_ns=0)
        return [
            BanRow(
                network=str(ban.network),
                left_s=_left_s(now_ns, ban.expires_ns),
                hits=ban.hits,
                since=words.get(ban.network, silent).since,
                reason=words.get(ban.network, silent).reason,
            )
            for ban in sorted(self._table.bans(now_ns), key=lambda b: -b.last_hit_ns)
        ]

    def allowed(self) -> list[AllowedRow]:
        """Return what the operator allowed by hand."""
        now_ns = time.monotonic_ns()
        return [
            AllowedRow(str(network), _left_s(now_ns, word.until_ns), word.since, word.reason)
            for network, word in self._words.allowed(now_ns).items()
        ]


def _word(reason: str, until_ns: int) -> Word:
    return Word(datetime.now(UTC).isoformat(timespec="seconds"), reason, until_ns)


def _until_ns(now_ns: int, for_s: float | None) -> int:
    return 0 if for_s is None else now_ns + int(for_s * SECOND_NS)


def _left_s(now_ns: int, until_ns: int) -> float | None:
    return (until_ns - now_ns) / SECOND_NS if until_ns else None
