"""The record of the real daemon: killed, stopped, switched off, on a disk that is full."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.household import PORT, Household, eventually
from tests.support.tree import ROOT

pytestmark = [pytest.mark.root, pytest.mark.live]

GUEST, NETWORK = "198.51.100.7", "203.0.113.0/24"


def bans(home: Household) -> dict[str, Any]:
    """Return the bans that hold, with the seconds that are left."""
    listed = json.loads(home.floodwall("bans", "--json").stdout)["bans"]
    return {ban["network"]: ban["left_s"] for ban in listed}


def lose_pins(home: Household) -> None:
    """Take away what holds in the kernel, as a reboot does."""
    directory = home.state_directory()
    assert directory
    home.inside(home.server, directory.remove)


def test_bans_after_a_kill_are_bans_before_minus_expired(home: Household) -> None:
    """Whether the kernel kept them or not."""
    first = home.daemon()
    assert home.floodwall("ban", GUEST, "--for", "1h").returncode == 0
    assert home.floodwall("ban", NETWORK, "--for", "2s").returncode == 0
    assert home.floodwall("ban", "203.0.113.9").returncode == 0
    assert home.floodwall("unban", "203.0.113.9").returncode == 0
    before = bans(home)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    eventually(lambda: NETWORK not in bans(home))

    second = home.daemon()
    assert set(bans(home)) == {f"{GUEST}/32"}
    assert second.end(signal.SIGKILL) == -signal.SIGKILL
    lose_pins(home)
    third = home.daemon()
    after = bans(home)
    assert set(after) == {f"{GUEST}/32"}
    assert before[f"{GUEST}/32"] - 60 < after[f"{GUEST}/32"] < before[f"{GUEST}/32"]
    assert any("into force again" in line.get("text", "") for line in third.said)
    assert third.end() == 0


def test_a_restart_keeps_bans_and_off_ends_them(home: Household) -> None:
    """One without an end goes with the daemon, as its help says."""
    first = home.daemon()
    assert home.floodwall("ban", GUEST, "--for", "1h").returncode == 0
    assert home.floodwall("ban", "203.0.113.9", "--forever").returncode == 0
    assert first.end() == 0
    assert home.is_untouched()

    second = home.daemon()
    assert set(bans(home)) == {f"{GUEST}/32"}
    assert home.floodwall("off").returncode == 0
    second.process.wait(10)
    assert home.is_untouched()
    third = home.daemon()
    assert bans(home) == {}
    assert third.end() == 0


def test_a_ban_by_hand_without_a_daemon_is_on_record(home: Household) -> None:
    """Also a lift: nothing that was lifted comes back."""
    first = home.daemon()
    assert home.floodwall("ban", GUEST, "--for", "1h").returncode == 0
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    assert home.floodwall("ban", "203.0.113.9", "--for", "1h").returncode == 0
    assert home.floodwall("unban", GUEST).returncode == 0
    lose_pins(home)

    second = home.daemon()
    assert set(bans(home)) == {"203.0.113.9/32"}
    assert second.end() == 0


def test_why_answers_with_and_without_a_daemon(home: Household) -> None:
    """For an address, a port and an incident, with the evidence."""
    daemon = home.daemon()
    home.floodwall("ban", GUEST, "--for", "1h", "--reason", "a test")
    home.flood(400)
    assert daemon.wait_for_event("is armed")
    incident = eventually(lambda: home.floodwall("incidents").returncode == 1)
    why = home.floodwall("why", str(PORT))
    assert f":{PORT}" in why.stdout
    assert daemon.end() == 0
    banned = home.floodwall("why", GUEST)
    events = home.floodwall("events", "--count", "1000").stdout

    assert incident
    assert banned.returncode == 1
    assert "by rule operator" in banned.stdout
    assert "is armed" in events
    (found,) = json.loads(home.floodwall("incidents", "--json").stdout)[:1]
    whole = json.loads(home.floodwall("incidents", str(found["id"]), "--json").stdout)
    assert whole["verdicts"]
    assert whole["verdicts"][-1]["evidence"]
    assert max(sample["facts"]["syns"] for sample in whole["series"]) > 10
    assert home.floodwall("why", f"I{found['id']}").stdout
    assert found["closed_text"] == "Floodwall was stopped while it went on"


def test_a_full_disk_stops_nothing() -> None:
    """A real one of a mebibyte: from memory, within bounds, whole, and back within 10 s."""
    done = subprocess.run(
        ["unshare", "--mount", sys.executable, "-m", "tests.support.full_disk"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    seen = json.loads(done.stdout)

    assert seen["told"] == [
        "the record cannot be written: database or disk is full; going on from memory"
    ]
    assert seen["known"] == 1 + 1199 * 20
    assert seen["slowest_s"] < 1
    assert seen["grown_kib"] < 80 * 1024
    assert seen["readable"] >= 1
    assert seen["integrity"] == seen["integrity_after"] == [["ok"]]
    assert seen["restored_on_a_full_disk"]
    assert seen["recovered_s"] <= 10
    assert seen["after"]


def test_a_directory_that_cannot_be_used_is_told(home: Household, tmp_path: Path) -> None:
    """And the defence defends."""
    (tmp_path / "file").touch()
    with home.file(f'[record]\ndirectory = "{tmp_path}/file/record"\n') as path:
        daemon = home.daemon("--config", path)
    said = [line.get("text", "") for line in daemon.said]
    assert "the record cannot be written: Not a directory; going on from memory" in said
    assert eventually(home.reachable)
    code, status = home.status()
    assert (code, status["trouble"]) == (1, "the record cannot be written: Not a directory")
    assert daemon.wait_for_event("nothing was read from the record: ")
    assert daemon.end() == 0
