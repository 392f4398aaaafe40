"""Carries out the commands of one second, each for itself: one that fails stops no other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from floodwall.act.connections import close_connections
from floodwall.act.dataplane import DataPlaneWriter
from floodwall.act.half_open import destroy_banned, destroy_half_open
from floodwall.act.sysctl import ATTACK, SYNCOOKIES, Ledger, restore_sysctl, set_sysctl
from floodwall.core.address import Address, Network
from floodwall.core.commands import (
    Ban,
    ClearService,
    CloseConnections,
    Command,
    DestroyHalfOpen,
    EnableSyncookies,
    Lift,
    Record,
    RecordDecision,
    RenewLease,
    RestoreSysctl,
    RotateKey,
    SetAddresses,
    SetLimits,
    SetMachineLimits,
    SetNeverBan,
    SetServices,
    SetSysctl,
)
from floodwall.core.errors import ConfigError, FloodwallError, NotSupported
from floodwall.core.model import Guard


class Bans(Protocol):
    """Whoever keeps the bans, and refuses those that must not be."""

    def ban(self, network: Network, until_ns: int, now_ns: int) -> None:
        """Ban a network, or raise ConfigError with the reason why not."""

    def lift(self, network: Network) -> bool:
        """Lift a ban; return whether there was one."""

    def is_spared(self, address: Address) -> bool:
        """Tell whether no ban touches an address, whatever network is banned."""

    def guard(self, networks: Mapping[Network, Guard]) -> None:
        """Refuse bans of these from now on."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one command came to: `told` for the journal, `error` if it was not carried out."""

    command: Command
    told: str = ""
    error: str = ""
    refused: bool = False
    """It was not carried out because it must not be: nothing is wrong with the machine."""


@dataclass(slots=True)
class Outcome:
    """What a second's commands came to: sentences for the journal, and what failed."""

    told: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    """One for each command, in their order."""

    def add(self, result: Result) -> None:
        """Take in what one command came to."""
        self.results.append(result)
        if result.told:
            self.told.append(result.told)
        if result.error and not result.refused:
            self.failed.append(f"{type(result.command).__name__}: {result.error}")


@dataclass(frozen=True, slots=True)
class Hands:
    """Everything that commands are carried out with."""

    writer: DataPlaneWriter
    ledger: Ledger
    """Sysctls are remembered there before they are changed."""
    bans: Bans

    def perform(self, commands: Iterable[Command]) -> Outcome:
        """Carry out each command in turn."""
        outcome = Outcome()
        for command in commands:
            try:
                result = Result(command, self._perform(command) or "")
            except (ConfigError, NotSupported) as error:
                result = self._refusal(command, error)
            except (FloodwallError, OSError) as error:
                result = Result(command, error=str(error))
            outcome.add(result)
        self._empty_queues(outcome)
        return outcome

    def _empty_queues(self, outcome: Outcome) -> None:
        """Take out of the queues what new bans have made worthless."""
        done = (result.command for result in outcome.results if not result.error)
        banned = [command.network for command in done if isinstance(command, Ban)]
        try:
            told = destroy_banned(banned, self.bans.is_spared)
        except (FloodwallError, OSError) as error:
            told = f"half-open entries of banned sources stay: {error}"
        if told:
            outcome.told.append(told)

    def _refusal(self, command: Command, error: FloodwallError) -> Result:
        if isinstance(command, Ban):
            return Result(command, error.message, error.message, refused=True)
        return Result(command, error=str(error))

    def _perform(self, command: Command) -> str | None:  # noqa: C901  a table of verbs
        told: str | None = None
        match command:
            case SetMachineLimits(limits):
                self.writer.set_machine_limits(limits)
            case SetServices(keys):
                self.writer.set_services(keys)
            case SetLimits(index, limits):
                self.writer.set_limits(index, limits)
            case ClearService(index):
                self.writer.clear_service(index)
            case SetAddresses(addresses):
                self.writer.set_addresses(addresses)
            case SetNeverBan(networks):
                self.writer.set_never_ban(networks)
                self.bans.guard(networks)
            case RotateKey(window_scale):
                self.writer.rotate_key(window_scale)
            case RenewLease(until_ns):
                self.writer.renew_lease(until_ns)
            case EnableSyncookies():
                told = set_sysctl(SYNCOOKIES, "1", self.ledger)
            case DestroyHalfOpen():
                told = destroy_half_open(command)
            case Record(text):
                told = text
            case _:
                told = self._decided(command)
        return told

    def _decided(
        self, command: Ban | Lift | CloseConnections | SetSysctl | RestoreSysctl | RecordDecision
    ) -> str | None:
        """Carry out a command that belongs to a decision."""
        told: str | None = None
        match command:
            case Ban(network, until_ns, decision):
                self.bans.ban(network, until_ns, decision.at_ns)
                told = decision.text
            case Lift(network, decision):
                told = decision.text if self.bans.lift(network) else None
            case CloseConnections():
                told = close_connections(command)
            case SetSysctl(name, value, _):
                told = set_sysctl(name, value, self.ledger, ATTACK)
            case RestoreSysctl(name, _):
                told = restore_sysctl(name, self.ledger, ATTACK)
            case RecordDecision(decision):
                told = decision.text
        return told
