"""`floodwall status` prints and returns what holds."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from floodwall.app.status import ServiceStatus, Status
from floodwall.cli import status as module
from floodwall.cli.main import main
from floodwall.core.model import Reading

PLAN = {
    "interfaces": [{"name": "eth0", "rung": "XDP generic", "refused": ["native: none"]}],
    "exclusions": [{"name": "127.0.0.1:25", "reason": "listens on loopback only"}],
}
SERVICE = {
    "index": 0,
    "name": "*:80 nginx",
    "mode": "protect",
    "mechanism": "handover",
    "capacity": 511,
    "high": 255,
}


def status(
    *, pid: int | None = 7, lease_s: float = 600, armed_for_s: float | None = None
) -> Status:
    """Make the status of a machine with one service."""
    reading = Reading(0, syns=3000, passed=1000, challenged=2000, proven=5, pending=12)
    return Status(
        pid=pid,
        lease_s=lease_s,
        services=(ServiceStatus(SERVICE, reading, armed_for_s),),
        plan=PLAN,
        reasons={"pass_cookie": 5},
        never_ban=4,
        bans=1,
        events=("2026-11-20T18:00:00+00:00  protects *:80 nginx",),
    )


@pytest.mark.parametrize(
    ("holds", "code", "first"),
    [
        (status(), 0, "state       calm (pid 7)"),
        (status(armed_for_s=12), 1, "state       1 of 1 services armed (pid 7)"),
        (replace(status(), trouble="eth0 is gone"), 1, "state       calm, but in trouble (pid 7)"),
        (status(pid=None), 1, "state       calm, but its daemon is gone: run it again"),
        (status(pid=None, lease_s=0), 3, "state       not running"),
        (None, 3, "state       not running"),
    ],
)
def test_the_exit_code_tells_the_state(
    monkeypatch: pytest.MonkeyPatch, holds: Status | None, code: int, first: str
) -> None:
    """0 calm, 1 armed or orphaned, 3 absent; the first line says the same."""
    monkeypatch.setattr(module, "read_status", lambda: holds)
    answer = CliRunner().invoke(main, ["status"])

    assert answer.exit_code == code
    assert answer.stdout.splitlines()[0] == first


def test_a_time_that_nobody_knows_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that was armed by a word long ago is not "ARMED for 0s"."""
    monkeypatch.setattr(module, "read_status", lambda: status(armed_for_s=0.0))
    lines = CliRunner().invoke(main, ["status"]).stdout.splitlines()

    assert "protects    *:80 nginx: ARMED, by handover, protect" in lines


def test_everything_is_on_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rung with reason, service with counters, what is left alone, lease, sets, events."""
    monkeypatch.setattr(module, "read_status", lambda: status(armed_for_s=12))

    assert CliRunner().invoke(main, ["status"]).stdout.splitlines()[1:] == [
        "lease       10m",
        "interface   eth0: XDP generic",
        "            not native: none",
        "protects    *:80 nginx: ARMED for 12s, by handover, protect",
        (
            "            12 of 511 pending (arms above 255); "
            "3,000 SYNs: 1,000 passed, 2,000 challenged, 5 proven"
        ),
        "leaves      127.0.0.1:25: listens on loopback only",
        "never bans  4 networks",
        "bans        1",
        "counted     pass_cookie 5",
        "event       2026-11-20T18:00:00+00:00  protects *:80 nginx",
    ]


def test_the_daemon_says_what_is_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict of each service and of the machine, the rung, advice, and what is not seen."""
    holds = status(armed_for_s=12)
    service = replace(
        holds.services[0],
        verdict="spoofed flood (99% sure)", rung="challenge", advice="tell your provider",
    )  # fmt: skip
    whole = replace(
        holds,
        services=(service,),
        machine="syn scan (80% sure)",
        blind=("conntrack",),
        losses={"addresses": 3},
    )
    monkeypatch.setattr(module, "read_status", lambda: whole)
    lines = CliRunner().invoke(main, ["status"]).stdout.splitlines()

    assert lines[1:4] == [
        "machine     syn scan (80% sure)",
        "cannot see  conntrack",
        "lost        answers to addresses, 3 times: asked again",
    ]
    assert "            spoofed flood (99% sure); on the rung challenge" in lines
    assert "            advice: tell your provider" in lines


def test_zeros_are_not_shown_where_nothing_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says instead what cannot be seen."""
    monkeypatch.setattr(module, "read_status", lambda: replace(status(), counted=False))
    told = CliRunner().invoke(main, ["status"]).stdout

    assert "cannot see  SYNs: nothing counts them on this rung" in told
    assert "nothing else is counted" in told
    assert "3,000 SYNs" not in told


def test_programs_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the state as a word."""
    monkeypatch.setattr(module, "read_status", status)
    told = json.loads(CliRunner().invoke(main, ["status", "--json"]).stdout)
    assert (told["state"], told["pid"], told["services"][0]["reading"]["syns"]) == (
        "running",
        7,
        3000,
    )

    monkeypatch.setattr(module, "read_status", lambda: None)
    assert json.loads(CliRunner().invoke(main, ["status", "--json"]).stdout) == {"state": "absent"}
