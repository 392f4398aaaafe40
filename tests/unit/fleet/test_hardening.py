"""Planned here, on trial there, and what goes wrong in between is told."""

from pathlib import Path

import pytest

from floodwall.audit.archive import parse_archive
from floodwall.audit.plan import FILE, Plan
from floodwall.audit.profile import Profile
from floodwall.core.errors import NotSupported
from floodwall.fleet import hardening
from floodwall.fleet.harden_script import DENIED, PARTLY, REFUSED, STATE
from floodwall.fleet.hardening import (
    Done,
    harden_host,
    keep_host,
    plan_host,
    rollback_here,
    rollback_host,
    was_hardened_here,
)
from floodwall.fleet.host import parse_host
from floodwall.fleet.session import Wire
from floodwall.fleet.trouble import Kind, TroubleError
from tests.support.loopback_ssh import calls, loopback

AWAY = parse_host("away")
WEAK = Path(__file__).parents[1] / "audit/machines/3.16.txt"


def planned(monkeypatch: pytest.MonkeyPatch, more: str = "") -> Plan:
    """Return a plan for a machine that was recorded."""
    archive = parse_archive(WEAK.read_text() + more)
    monkeypatch.setattr(hardening, "fetch_archive", lambda *_: archive)
    return plan_host(AWAY, Wire(), Profile.WEB, None)


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Let the scripts do nothing but say who they are; the shell that runs them is real."""
    made = {"begin": "echo begun", "keep": "echo kept", "rollback": "echo back"}
    monkeypatch.setattr(
        hardening, "begin_script", lambda *given: f"{made['begin']}; echo {given[2]}"
    )
    monkeypatch.setattr(hardening, "keep_script", lambda *_: made["keep"])
    monkeypatch.setattr(hardening, "rollback_script", lambda *_: made["rollback"])
    return made


def test_a_plan_is_made_of_what_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our file is read with the rest; a link in its place is refused."""
    plan = planned(monkeypatch)
    assert ("net.ipv4.tcp_syncookies", "0", "1") in [
        (s.name, s.before, s.after) for s in plan.steps
    ]
    assert plan.file_before is None
    ours = planned(monkeypatch, f"=== {FILE}\n\tnet.ipv4.tcp_syncookies = 1\n")
    assert ours.file_before == "net.ipv4.tcp_syncookies = 1\n"
    with pytest.raises(TroubleError, match="is a link"):
        planned(monkeypatch, f"=== {FILE} -> ../x\n")
    with pytest.raises(TroubleError, match="set at boot") as caught:
        planned(monkeypatch, "=== /etc/sysctl.d !permission denied\n")
    assert caught.value.trouble.kind is Kind.PRIVILEGE


def test_it_is_kept_over_a_connection_of_its_own(
    monkeypatch: pytest.MonkeyPatch, scripts: dict[str, str], tmp_path: Path
) -> None:
    """Which shows that the machine can still be reached; the guard outlasts both sessions."""
    plan = planned(monkeypatch)
    done = harden_host(AWAY, plan, loopback(tmp_path, timeout_s=20), None)
    assert done == Done(("begun", "45", "kept"))
    first, second = calls(tmp_path)
    assert "ControlPath=none" not in first
    assert "ControlPath=none" in second
    scripts["begin"] = f"echo no; exit {PARTLY}"
    assert harden_host(AWAY, plan, loopback(tmp_path), None).partly


def test_on_trial_it_stays_on_trial(
    monkeypatch: pytest.MonkeyPatch, scripts: dict[str, str], tmp_path: Path
) -> None:
    """Until somebody keeps it."""
    assert scripts
    done = harden_host(AWAY, planned(monkeypatch), loopback(tmp_path), 90.0)
    assert done.lines == ("begun", "90", "on trial for 90 s, unless it is kept")
    assert len(calls(tmp_path)) == 1


def test_a_machine_that_is_not_reached_again_goes_back(
    monkeypatch: pytest.MonkeyPatch, scripts: dict[str, str], tmp_path: Path
) -> None:
    """And that is said, with when."""
    scripts["keep"] = f"echo 'nothing is on trial'; exit {REFUSED}"
    with pytest.raises(TroubleError, match="changed, and not kept: nothing is on trial") as caught:
        harden_host(AWAY, planned(monkeypatch), loopback(tmp_path, timeout_s=20))
    assert caught.value.trouble.hint == "it goes back by itself within 45 s"


@pytest.mark.parametrize(
    ("code", "kind"), [(DENIED, Kind.PRIVILEGE), (REFUSED, Kind.REFUSED), (2, Kind.ANSWER)]
)
def test_each_exit_code_has_its_kind(
    scripts: dict[str, str], tmp_path: Path, code: int, kind: Kind
) -> None:
    """With the last line that was said."""
    scripts["rollback"] = f"echo one; echo two; exit {code}"
    with pytest.raises(TroubleError, match="two") as caught:
        rollback_host(AWAY, loopback(tmp_path))
    assert caught.value.trouble.kind is kind
    assert keep_host(AWAY, loopback(tmp_path)).lines == ("kept",)


def test_here_is_taken_back_what_was_done_from_elsewhere(tmp_path: Path) -> None:
    """By the same script, at the console of a machine that cannot be reached."""
    assert not was_hardened_here(tmp_path)
    state = tmp_path / STATE[1:]
    state.mkdir(parents=True)
    value = tmp_path / "value"
    value.write_text("1\n")
    (state / "kept").write_text(f"{value}\t0\t1\n")
    assert was_hardened_here(tmp_path)
    assert rollback_here(tmp_path) == (f"put {value} back to 0",)
    assert (value.read_text(), state.exists()) == ("0\n", False)


def test_here_a_refusal_is_an_error(scripts: dict[str, str], tmp_path: Path) -> None:
    """With the hint."""
    scripts["rollback"] = f"echo 'root is needed'; exit {DENIED}"
    with pytest.raises(NotSupported, match="root is needed"):
        rollback_here(tmp_path)
