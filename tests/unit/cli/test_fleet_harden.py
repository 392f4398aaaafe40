"""Many machines are hardened after one question, each with its own plan."""

import json

import pytest

from floodwall.audit.plan import Plan, Step
from floodwall.audit.profile import Profile
from floodwall.cli import fleet_harden
from floodwall.cli.fleet import Fleet
from floodwall.cli.fleet_harden import Order, harden_fleet
from floodwall.core.errors import ConfigError
from floodwall.fleet.hardening import Done
from floodwall.fleet.host import Host, parse_host
from floodwall.fleet.session import Wire
from floodwall.fleet.trouble import Kind, TroubleError

NOTHING = Plan(Profile.WEB, (), "a", "a")
OFF = Plan(Profile.WEB, (Step("net.cookies", "0", "1", "a full queue"),), None, "net.cookies = 1\n")


@pytest.fixture
def deeds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let hosts that begin with off need something; return what was done at which."""
    done: list[str] = []

    def plan(host: Host, _wire: Wire, profile: Profile, load: int | None) -> Plan:
        assert (profile, load) == (Profile.GATEWAY, 5)
        if host.name == "gone":
            raise TroubleError(Kind.TIMEOUT, "no answer")
        return OFF if host.name.startswith("off") else NOTHING

    def act(host: Host, plan: Plan, _wire: Wire, confirm_s: float | None) -> Done:
        assert plan is OFF
        done.append(f"{host.name} {confirm_s}")
        if host.name == "off-lost":
            raise TroubleError(Kind.UNREACHABLE, "changed, and not kept", "it goes back")
        return Done(("set \x1b[2J it",), partly=host.name == "off-partly")

    def end(host: Host, _: Wire) -> Done:
        done.append(f"end {host.name}")
        return Done(("put back",))

    monkeypatch.setattr(fleet_harden, "plan_host", plan)
    monkeypatch.setattr(fleet_harden, "harden_host", act)
    monkeypatch.setattr(fleet_harden, "rollback_host", end)
    monkeypatch.setattr(fleet_harden, "keep_host", end)
    return done


def harden(*names: str, as_json: bool = False, dry_run: bool = False, yes: bool = False,
           confirm_s: float | None = None, keep: bool = False, rollback: bool = False,
) -> int:  # fmt: skip
    """Harden machines; return the exit code."""
    fleet = Fleet(tuple(parse_host(name) for name in names), Wire(), 1)
    order = Order(Profile.GATEWAY, 5, dry_run, yes, confirm_s, keep, rollback)
    return harden_fleet(fleet, order, as_json=as_json)


def test_a_dry_run_tells_each_plan_once_and_does_nothing(
    deeds: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The machine that differs first; machines with one plan together."""
    assert harden("a", "off", "b", "gone", dry_run=True) == 1
    out = capsys.readouterr().out
    assert out.startswith("3 machines looked at, 1 not: off differs from the others\n\noff:\n")
    assert "  runtime  net.cookies: 0 -> 1\n" in out
    assert "a, b (2 alike):\n  nothing to do" in out
    assert "gone: timeout" in out
    assert deeds == []


def test_only_machines_that_need_it_are_touched(
    deeds: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """After a yes; what comes from there cannot steer a terminal."""
    with pytest.raises(ConfigError, match="nobody is here to ask"):
        harden("off")
    assert harden("a", "off", yes=True) == 0
    assert deeds == ["off None"]
    assert "off:\n  set ?[2J it\n" in capsys.readouterr().out


def test_a_second_run_changes_nothing(deeds: list[str]) -> None:
    """And asks nothing, and is fine."""
    assert harden("a", "b") == 0
    assert harden("a", "b", dry_run=True) == 0
    assert deeds == []


def test_one_that_fails_stops_no_other(
    deeds: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told last, with what becomes of it."""
    assert harden("off-lost", "off", "gone", yes=True) == 1
    assert deeds == ["off-lost None", "off None"]
    assert "off-lost: unreachable: changed, and not kept\n    it goes back" in (
        capsys.readouterr().out
    )
    assert harden("off-lost", yes=True) == 3
    assert harden("off-partly", yes=True) == 1
    assert harden("gone", yes=True) == 3


def test_on_trial_it_is_said_how_to_keep(
    deeds: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Keep and rollback plan nothing."""
    assert harden("off", yes=True, confirm_s=60.0) == 0
    assert "--keep' with the same hosts" in capsys.readouterr().out
    assert harden("off", "a", keep=True) == 0
    assert harden("off", rollback=True) == 0
    assert deeds == ["off 60.0", "end off", "end a", "end off"]


def test_programs_get_plans_and_deeds(deeds: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each machine with both."""
    assert harden("a", "off", "gone", yes=True, as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert deeds
    assert found["verb"] == "harden"
    results = {each["host"]: each["result"] for each in found["hosts"]}
    assert results["off"]["plan"]["steps"][0]["name"] == "net.cookies"
    assert results["off"]["done"] == ["set \x1b[2J it"]
    assert results["a"]["done"] == []
    assert results["gone"] is None
    assert harden("a", "off", dry_run=True, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["looked_at"] == 2
