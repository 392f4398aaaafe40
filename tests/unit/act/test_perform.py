"""Carrying out commands."""

from pathlib import Path
from typing import get_args

import pytest

from floodwall.act import perform as module
from floodwall.act.dataplane import DataPlaneWriter
from floodwall.act.perform import Hands
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
from floodwall.kernel.tables import Tables
from tests.support.memory_tables import memory, memory_tables
from tests.support.playbook import HOME, endpoint
from tests.unit.core.test_upkeep import MACHINE, WEB

ALL: tuple[Command, ...] = (
    SetMachineLimits(MACHINE),
    SetServices({endpoint("192.0.2.1", 80): 0}),
    SetLimits(0, WEB),
    ClearService(0),
    SetAddresses(frozenset({HOME})),
    SetNeverBan({}),
    RotateKey(7),
    RenewLease(9),
    DestroyHalfOpen("*:80", ()),
    EnableSyncookies(),
    Record("a sentence"),
)


@pytest.fixture
def tables() -> Tables:
    """Return empty maps."""
    return memory_tables()


@pytest.fixture
def hands(tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Return hands over these maps that leave the kernel alone."""
    monkeypatch.setattr(module, "destroy_half_open", lambda command: f"emptied {command.service}")
    monkeypatch.setattr(module, "set_sysctl", lambda name, value, _: f"set {name} to {value}")
    return Hands(DataPlaneWriter(tables, tmp_path), lambda *_: None)


def test_every_command_is_known(hands: Hands, tables: Tables) -> None:
    """None is silently left out."""
    outcome = hands.perform(ALL)

    assert {type(command) for command in ALL} == set(get_args(Command))
    assert outcome.failed == []
    assert outcome.told == ["emptied *:80", "set net.ipv4.tcp_syncookies to 1", "a sentence"]
    assert tables.lease() == 9
    assert len(tables.service_keys.keys()) == 1


def test_one_that_fails_stops_no_other(hands: Hands, tables: Tables) -> None:
    """The lease is renewed even where a map is full."""
    memory(tables.service_keys).broken = True
    outcome = hands.perform(ALL)

    assert len(outcome.failed) == 1
    assert outcome.failed[0].startswith("SetServices: update map service_keys: ")
    assert tables.lease() == 9
