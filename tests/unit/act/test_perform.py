"""Carrying out commands."""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import get_args

import pytest

from floodwall.act import perform as module
from floodwall.act.dataplane import DataPlaneWriter
from floodwall.act.perform import Hands
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
from floodwall.core.decision import Act, Decision
from floodwall.core.errors import ConfigError, KernelError
from floodwall.core.model import Guard
from floodwall.kernel import sockdiag, sysctl
from floodwall.kernel.tables import Tables
from floodwall.store.undo import UndoLedger
from tests.support.memory_tables import memory, memory_tables
from tests.support.playbook import HOME, endpoint
from tests.unit.core.test_upkeep import MACHINE, WEB
from tests.unit.sense.test_half_open import entry

ABUSER = ip_network("203.0.113.9/32")
GATEWAY = ip_network("192.0.2.1/32")
RETRIES = "net.ipv4.tcp_synack_retries"


def decision(act: Act, text: str) -> Decision:
    """Return a decision of rule `abuse` at 5 ns."""
    return Decision(5, act, "abuse", "somebody", text)


ALL: tuple[Command, ...] = (
    SetMachineLimits(MACHINE),
    SetServices({endpoint("192.0.2.1", 80): 0}),
    SetLimits(0, WEB),
    ClearService(0),
    SetAddresses(frozenset({HOME})),
    SetNeverBan({GATEWAY: Guard.GATEWAY}),
    RotateKey(7),
    RenewLease(9),
    DestroyHalfOpen("*:80", ()),
    EnableSyncookies(),
    Ban(ABUSER, 100, decision(Act.BAN, "banned an abuser")),
    Lift(ABUSER, decision(Act.LIFT, "lifted the ban")),
    CloseConnections(frozenset({ABUSER}), frozenset(), decision(Act.DESTROY, "close them")),
    SetSysctl(RETRIES, "1", decision(Act.TUNE, "give up sooner")),
    RestoreSysctl(RETRIES, decision(Act.RESTORE, "as before")),
    RecordDecision(decision(Act.ARM, "the kernel armed *:80")),
    Record("a sentence"),
)


class Book:
    """Bans that are only remembered, and refused for whoever is guarded."""

    def __init__(self) -> None:
        self.asked: list[tuple[Network, int, int]] = []
        self.guarded: Mapping[Network, Guard] = {}

    def ban(self, network: Network, until_ns: int, now_ns: int) -> None:
        """Remember a ban."""
        if network in self.guarded:
            raise ConfigError(f"not banned: {network} is protected: {self.guarded[network]}")
        self.asked.append((network, until_ns, now_ns))

    def lift(self, network: Network) -> bool:
        """Forget it."""
        known = [each for each in self.asked if each[0] == network]
        self.asked = [each for each in self.asked if each[0] != network]
        return bool(known)

    def is_spared(self, address: Address) -> bool:
        """Spare whoever is guarded."""
        return any(address in network for network in self.guarded)

    def guard(self, networks: Mapping[Network, Guard]) -> None:
        """Refuse these."""
        self.guarded = networks


@pytest.fixture
def tables() -> Tables:
    """Return empty maps."""
    return memory_tables()


@pytest.fixture
def book() -> Book:
    """Return a book without bans."""
    return Book()


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stand in for /proc/sys."""
    held = {"net.ipv4.tcp_syncookies": "0", RETRIES: "5"}
    monkeypatch.setattr(sysctl, "read", held.__getitem__)
    monkeypatch.setattr(sysctl, "write", held.__setitem__)
    return held


@pytest.fixture
def hands(
    tables: Tables,
    book: Book,
    values: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Hands:
    """Return hands over these maps that leave the kernel alone."""
    assert values
    monkeypatch.setattr(module, "destroy_half_open", lambda command: f"emptied {command.service}")
    monkeypatch.setattr(sockdiag, "half_open", lambda: [entry("203.0.113.9"), entry("203.0.113.8")])
    monkeypatch.setattr(sockdiag, "destroy", len)
    return Hands(DataPlaneWriter(tables, tmp_path), UndoLedger(tmp_path), book)


def test_every_command_is_known(hands: Hands, tables: Tables, values: dict[str, str]) -> None:
    """None is silently left out, and each has its result."""
    outcome = hands.perform(ALL)

    assert {type(command) for command in ALL} == set(get_args(Command))
    assert outcome.failed == []
    assert outcome.told == [
        "emptied *:80",
        "set net.ipv4.tcp_syncookies to 1 (it was 0); put back when Floodwall ends",
        "banned an abuser",
        "lifted the ban",
        f"set {RETRIES} to 1 (it was 5); put back when the attack is over",
        f"put {RETRIES} back to 5",
        "the kernel armed *:80",
        "a sentence",
        "destroyed 1 half-open entries of banned sources",
    ]
    assert [result.command for result in outcome.results] == list(ALL)
    assert tables.lease() == 9
    assert len(tables.service_keys.keys()) == 1
    assert values == {"net.ipv4.tcp_syncookies": "1", RETRIES: "5"}


def test_one_that_fails_stops_no_other(hands: Hands, tables: Tables) -> None:
    """The lease is renewed even where a map is full."""
    memory(tables.service_keys).broken = True
    outcome = hands.perform(ALL)

    assert len(outcome.failed) == 1
    assert outcome.failed[0].startswith("SetServices: update map service_keys: ")
    assert tables.lease() == 9
    assert [r.error != "" for r in outcome.results] == [type(c) is SetServices for c in ALL]


def test_a_ban_is_asked_for_with_its_times(hands: Hands, book: Book) -> None:
    """Until when, and from the time of the decision."""
    hands.perform([Ban(ABUSER, 100, decision(Act.BAN, "banned"))])

    assert book.asked == [(ABUSER, 100, 5)]


def test_a_refused_ban_is_told_but_is_no_failure(hands: Hands, book: Book) -> None:
    """Nothing is wrong with the machine, so nothing need be written anew."""
    hands.perform([SetNeverBan({GATEWAY: Guard.GATEWAY})])
    outcome = hands.perform([Ban(GATEWAY, 100, decision(Act.BAN, "banned"))])

    assert book.asked == []
    assert outcome.failed == []
    assert outcome.told == [f"not banned: {GATEWAY} is protected: {Guard.GATEWAY}"]
    assert [result.refused for result in outcome.results] == [True]


def test_a_lift_of_nothing_says_nothing(hands: Hands) -> None:
    """It had expired already."""
    outcome = hands.perform([Lift(ABUSER, decision(Act.LIFT, "lifted"))])

    assert (outcome.told, outcome.failed) == ([], [])


def test_a_ban_empties_the_queue_but_spares_whom_nothing_drops(hands: Hands) -> None:
    """A never-ban host inside of a banned network still has its handshake."""
    spared = ip_network("203.0.113.8/32")
    hands.perform([SetNeverBan({spared: Guard.SSH_PEER})])
    outcome = hands.perform([Ban(ip_network("203.0.113.0/24"), 9, decision(Act.BAN, "banned"))])

    assert outcome.told == ["banned", "destroyed 1 half-open entries of banned sources"]


def test_a_queue_that_cannot_be_emptied_is_told(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ban holds all the same."""

    def destroy(_: object) -> int:
        raise KernelError("ask socket diagnostics: Operation not permitted")

    monkeypatch.setattr(sockdiag, "destroy", destroy)
    outcome = hands.perform([Ban(ABUSER, 9, decision(Act.BAN, "banned"))])

    assert outcome.failed == []
    assert "stay: ask socket diagnostics: Operation not permitted" in outcome.told[1]
