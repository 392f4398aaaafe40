"""The console beside a real daemon: its unit, its start with the daemon, and its death."""

from __future__ import annotations

import http.client
import os
import signal
from pathlib import Path

import pytest

from tests.support.household import PORT, Household, eventually
from tests.support.tree import ROOT
from tests.support.units import analyze

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(120)]

UNIT = ROOT / "contrib" / "systemd" / "floodwall-console.service"
WORST_EXPOSURE = 2.0
"""By `systemd-analyze security`, 0 to 10; 1.9 when this was written."""

FLOOD = 3000


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """And the console may do little; program and user are not installed here."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text().replace("/usr/local/bin/floodwall", "/bin/true")
    unit.write_text(text.replace("User=floodwall-console", "User=daemon"))
    said = analyze("verify", unit, "--man=no")
    threshold = f"--threshold={round(WORST_EXPOSURE * 10)}"
    judged = analyze("security", unit, "--offline=yes", threshold)

    assert (said.returncode, said.stderr) == (0, "")
    assert judged.returncode == 0, judged.stdout


def page(home: Household) -> int:
    """Ask for the first page inside of the server's namespace; return the status."""

    def ask() -> int:
        connection = http.client.HTTPConnection("127.0.0.1", 7380, timeout=5)
        try:
            connection.request("GET", "/", headers={"host": "127.0.0.1:7380"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    return home.inside(home.server, ask)


def test_a_console_that_is_killed_in_a_flood_takes_nothing_with_it(home: Household) -> None:
    """It has no privilege, and neither the daemon nor a user notices its end."""
    daemon = home.daemon("--console")
    console = _console_of(daemon.process.pid)
    assert eventually(lambda: page(home) == 200)
    (served,) = _children(console)
    capabilities = {_field(pid, "CapEff") for pid in (console, served)}
    user = _field(served, "Uid").split()[0]

    home.flood(FLOOD)
    os.kill(console, signal.SIGKILL)
    assert eventually(lambda: not Path(f"/proc/{served}").exists())
    home.flood(FLOOD, first=FLOOD)

    assert home.reachable(port=PORT)
    assert (capabilities, user != "0") == ({"0000000000000000"}, True)
    assert daemon.wait_for(lambda line: line["kind"] != "plan")
    assert daemon.end() == 0


def _console_of(pid: int) -> int:
    found = eventually(lambda: [each for each in _children(pid) if "console" in _line(each)])
    return found[0]


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _field(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(f"{name}:"))
