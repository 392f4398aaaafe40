"""Alerts beside a real daemon: units of those who only look, and a flood somebody is told of."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.household import Household, eventually
from tests.support.receivers import http_server
from tests.support.tree import ROOT
from tests.support.units import analyze

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(120)]

SYSTEMD = ROOT / "contrib" / "systemd"
UNITS = ("floodwall-alerts.service", "floodwall-metrics.service")
WORST_EXPOSURE = 1.6
"""By `systemd-analyze security`, 0 to 10; 1.5 when this was written."""


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_every_line(name: str, tmp_path: Path) -> None:
    """And warns of nothing; the program is not installed where the unit file says."""
    unit = tmp_path / name
    unit.write_text(
        (SYSTEMD / name).read_text().replace("/usr/local/bin/floodwall", sys.executable)
    )
    answer = analyze("verify", unit, "--man=no")

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


@pytest.mark.parametrize("name", UNITS)
def test_they_have_no_power_and_little_is_exposed(name: str) -> None:
    """No capability at all, not even in the bounding set."""
    unit = SYSTEMD / name
    threshold = f"--threshold={WORST_EXPOSURE * 10:.0f}"
    answer = analyze("security", unit, "--offline=yes", threshold)

    assert answer.returncode == 0, answer.stdout
    assert "\nCapabilityBoundingSet=\nAmbientCapabilities=\n" in unit.read_text()


def test_a_courier_gets_through_the_sandbox(tmp_path: Path) -> None:
    """Without capabilities, with the unit's system calls, on a file system that is read-only."""
    with http_server() as server:
        targets = tmp_path / "alerts.toml"
        targets.write_text(
            f'[service]\nurl = "json://127.0.0.1:{server.port}"\n'
            f'[own]\nwebhook = "http://127.0.0.1:{server.port}"\nsecret = "sixteen letters!"\n'
        )
        targets.chmod(0o600)
        config = tmp_path / "floodwall.toml"
        config.write_text('[alerts]\ntargets = "alerts.toml"\n')
        answer = subprocess.run(
            [
                *(sys.executable, "-m", "tests.support.sandbox", str(SYSTEMD / UNITS[0])),
                *(str(tmp_path), "--", sys.executable, "-m", "floodwall", "alerts", "test"),
                *("--config", str(config)),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert (answer.returncode, answer.stdout) == (0, "service: arrived\nown: arrived\n"), answer
    assert len(server.requests) == 2


class Told:
    """What a hook was given, one file for each alert."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "told"
        self.folder.mkdir()
        script = folder / "hook"
        # Renamed when it is whole: a reader never sees half of it.
        script.write_text(
            f'#!/bin/sh\ncat >"{folder}/$FLOODWALL_DELIVERY.part" &&\n'
            f'mv "{folder}/$FLOODWALL_DELIVERY.part" "{self.folder}/$FLOODWALL_DELIVERY"\n'
        )
        script.chmod(0o700)
        targets = folder / "targets"
        targets.write_text(f'[hook]\nexec = "{script}"\n')
        targets.chmod(0o600)
        self.config = folder / "alerts.toml"
        self.config.write_text(f'[alerts]\ntargets = "{targets}"\nsilent_s = 2\n')

    def of(self, key: str) -> dict[str, Any] | None:
        """Return the first alert of a key, if there is one."""
        for file in sorted(self.folder.iterdir(), key=lambda path: int(path.name)):
            told: dict[str, Any] = json.loads(file.read_text())
            if told["key"].startswith(key):
                return told
        return None


def test_a_flood_and_the_death_of_the_daemon_are_told(home: Household, tmp_path: Path) -> None:
    """By a process in the sandbox of its unit, while the flood goes on."""
    told = Told(tmp_path)
    daemon = home.daemon()
    (tmp_path / "spool").mkdir()
    process = home.start(
        *(home.server, sys.executable, "-m", "tests.support.sandbox", str(SYSTEMD / UNITS[0])),
        *(str(tmp_path), "--", sys.executable, "-u", "-m", "floodwall", "alerts", "run"),
        *("--config", str(told.config), "--state", str(tmp_path / "spool")),
    )
    assert process.stdout
    assert process.stdout.readline() == "watching, and telling hook\n"
    status = Path(f"/proc/{process.pid}/status").read_text()
    assert "\nCapEff:\t0000000000000000\n" in status

    def flooded() -> dict[str, Any] | None:
        home.flood(3000)
        return told.of("incident:")

    flood = eventually(flooded)
    assert flood
    assert flood["what"].startswith("A SYN flood from forged addresses")
    assert flood["users"].startswith("Yes")
    assert daemon.end(signal.SIGKILL) < 0
    gone = eventually(lambda: told.of("daemon"))
    assert gone
    assert gone["urgency"] == "critical"
    assert "goes on by itself for at most" in gone["did"]
    process.terminate()
    assert process.wait(20) == 0
