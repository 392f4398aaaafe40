"""Carries out the commands of one second, each for itself: one that fails stops no other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from floodwall.act.dataplane import DataPlaneWriter
from floodwall.act.half_open import destroy_half_open
from floodwall.act.sysctl import SYNCOOKIES, set_sysctl
from floodwall.core.commands import (
    ClearService,
    Command,
    DestroyHalfOpen,
    EnableSyncookies,
    Record,
    RenewLease,
    RotateKey,
    SetAddresses,
    SetLimits,
    SetMachineLimits,
    SetNeverBan,
    SetServices,
)
from floodwall.core.errors import FloodwallError


@dataclass(slots=True)
class Outcome:
    """What a second's commands came to: sentences for the journal, and what failed."""

    told: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hands:
    """Everything that commands are carried out with."""

    writer: DataPlaneWriter
    remember: Callable[[str, str, str], None]
    """Called with name, old and new value before a sysctl is changed."""

    def perform(self, commands: Iterable[Command]) -> Outcome:
        """Carry out each command in turn."""
        outcome = Outcome()
        for command in commands:
            try:
                told = self._perform(command)
            except (FloodwallError, OSError) as error:
                outcome.failed.append(f"{type(command).__name__}: {error}")
                continue
            if told:
                outcome.told.append(told)
        return outcome

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
            case RotateKey(window_scale):
                self.writer.rotate_key(window_scale)
            case RenewLease(until_ns):
                self.writer.renew_lease(until_ns)
            case EnableSyncookies():
                told = set_sysctl(SYNCOOKIES, "1", self.remember)
            case DestroyHalfOpen():
                told = destroy_half_open(command)
            case Record(text):
                told = text
        return told
