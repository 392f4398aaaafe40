"""The daemon as its unit file runs it: with three capabilities, in a sandbox."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.household import NEIGHBOUR, Daemon, Household
from tests.support.sandbox import UNIT, values
from tests.support.units import analyze

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(120)]


WORST_EXPOSURE = 2.5
"""By `systemd-analyze security`, 0 to 10; 2.1 when this was written."""


def start(home: Household, settings: Path, record: Path, **environment: str) -> Daemon:
    """Run what ExecStart= says, but for the place of program and settings, in the sandbox."""
    (line,) = values("ExecStart")
    program, *words = line.split()
    assert program.endswith("/floodwall")
    words[words.index("--config") + 1] = str(settings)
    process = home.start(
        *(home.server, sys.executable, "-m", "tests.support.sandbox", str(UNIT)),
        *(str(settings.parent), str(record), "--"),
        *(sys.executable, "-m", "floodwall", *words),
        environment=environment,
    )
    return Daemon(process)


@pytest.fixture
def settings(home: Household, tmp_path: Path) -> Path:
    """A settings file that names the interface, and a place for the record."""
    folder = tmp_path / "etc"
    folder.mkdir()
    file = folder / "floodwall.toml"
    file.write_text(
        f'[attach]\ninterfaces = ["{home.interface}"]\n'
        f'[record]\ndirectory = "{tmp_path / "record"}"\n'
    )
    return file


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """And warns of nothing; the program is not installed where the unit file says."""
    unit = tmp_path / "floodwall.service"
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/floodwall", sys.executable))
    answer = analyze("verify", unit, "--man=no")

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_little_is_exposed() -> None:
    """What a service may not do is written down, not hoped for."""
    threshold = f"--threshold={WORST_EXPOSURE * 10:.0f}"
    answer = analyze("security", UNIT, "--offline=yes", threshold)

    assert answer.returncode == 0, answer.stdout
    assert set(values("CapabilityBoundingSet")[0].split()) == {
        "CAP_BPF",
        "CAP_NET_ADMIN",
        "CAP_PERFMON",
    }


def test_three_capabilities_are_enough(home: Household, settings: Path, tmp_path: Path) -> None:
    """It protects, obeys, and leaves the machine as it was; the manager is told."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        daemon = start(home, settings, tmp_path / "record", NOTIFY_SOCKET=str(tmp_path / "notify"))
        assert manager.recv(1000).startswith(b"READY=1\nSTATUS=protects ")
        assert manager.recv(1000) == b"WATCHDOG=1"
        status = Path(f"/proc/{daemon.process.pid}/status").read_text()
        (held,) = [line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")]
        assert int(held, 16) == 1 << 12 | 1 << 38 | 1 << 39  # net_admin, perfmon, bpf
        assert "Seccomp:\t2" in status

        assert daemon.plan["services"][0]["mechanism"] == "handover"
        assert home.sysctl("net.ipv4.tcp_syncookies") == "1"
        # Its pins are in the mount namespace of the service: the socket is the way to it.
        assert home.floodwall("ban", NEIGHBOUR, "--reason", "sandboxed").returncode == 0
        assert not home.reachable(timeout_s=1)
        assert "sandboxed" in home.floodwall("bans").stdout
        assert home.floodwall("unban", NEIGHBOUR).returncode == 0
        assert home.reachable()
        code, told = home.status()
        assert (code, told["trouble"], told["pid"]) == (0, "", daemon.process.pid)
        assert daemon.end() == 0

    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
    assert home.reachable()


def test_confirmed_settings_are_written_back(
    home: Household, settings: Path, tmp_path: Path
) -> None:
    """The one place outside its own that it may write."""
    daemon = start(home, settings, tmp_path / "record")
    other = tmp_path / "new.toml"
    other.write_text(settings.read_text() + "[arming]\nhold_s = 9\n")
    answer = home.floodwall("apply", str(other))

    assert answer.stdout.splitlines()[-1] == f"written to {settings}"
    assert settings.read_text() == other.read_text()
    assert daemon.end() == 0


def test_it_cannot_do_more(tmp_path: Path) -> None:
    """What the sandbox is for: no file of the machine, no other process."""
    probe = (
        "import os, pathlib, socket\n"
        "def denied(call):\n"
        "    try: call()\n"
        "    except OSError: return True\n"
        "    return False\n"
        "print('ready', denied(lambda: pathlib.Path('/etc/floodwall-test').write_text('x')),"
        " denied(lambda: os.chown('/', 1, 1)), denied(lambda: os.setuid(1)),"
        " denied(lambda: socket.sethostname('x')))\n"
    )
    said = subprocess.run(
        [
            *(sys.executable, "-m", "tests.support.sandbox", str(UNIT), str(tmp_path)),
            *("--", sys.executable, "-c", probe),
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=UNIT.parents[1],
    )

    assert said.stdout == "ready True True True True\n"
