"""Little room: few bans allowed, no place for files; the defence goes on."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from resource import RLIMIT_NOFILE, prlimit

import pytest

from tests.support.household import NEIGHBOUR, Daemon, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]

RUNGS = pytest.mark.parametrize(
    "mask", ["", "xdp", "xdp,nftables"], ids=["XDP", "nftables", "routes"]
)
NETWORKS = tuple(f"198.51.100.{number}" for number in range(20))


def cpu_s(pid: int) -> float:
    """Return the seconds of CPU time that a process has used, proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fill(path: Path) -> None:
    """Write until there is no room, at most a few MiB."""
    with path.open("wb", buffering=0) as file:
        for _ in range(1000):
            file.write(bytes(4096))


@RUNGS
def test_a_cap_on_bans_holds_and_is_named(home: Household, mask: str) -> None:
    """Five times as many are asked for; the first ones hold, room is made by lifting one."""
    with home.file("[bans]\nmax_count = 4\n") as path:
        daemon = home.daemon("--config", path, mask=mask)
    first = home.floodwall("ban", *NETWORKS[:10])
    second = home.floodwall("ban", *NETWORKS[10:])
    refused = [
        line for line in (first.stderr + second.stderr).splitlines() if "no more than" in line
    ]

    assert (first.returncode, second.returncode) == (2, 2)
    assert len(refused) == 16
    assert "there are 4 bans, and no more than 4 are allowed" in refused[0]
    assert home.status()[1]["bans"] == 4
    assert home.reachable()
    assert home.floodwall("ban", "10.99.0.2").returncode == 2

    assert home.floodwall("unban", NETWORKS[0]).returncode == 0
    assert home.floodwall("ban", NEIGHBOUR).returncode == 0
    assert not home.reachable(timeout_s=0.5)
    assert daemon.end() == 0


@pytest.mark.parametrize("mask", ["", "xdp"], ids=["XDP", "nftables"])
def test_a_full_runtime_directory_ends_no_defence(home: Household, mask: str) -> None:
    """No file can be written any more: it says so, arms, is calm again and leaves nothing."""
    place = "mount -t tmpfs -o size=256k none /run/floodwall && exec"
    process = home.start(
        home.server,
        *("unshare", "--mount", "sh", "-c", f'mkdir -p /run/floodwall && {place} "$@"', "sh"),
        *(sys.executable, "-m", "floodwall", "run", "--json", "--interface", home.interface),
        environment={"FLOODWALL_MASK": mask},
    )
    daemon = Daemon(process)
    full = Path(f"/proc/{process.pid}/root/run/floodwall/full")
    with pytest.raises(OSError, match="No space left"):
        fill(full)
    for _ in range(8):  # it empties the queue each second, and must find it full again
        home.flood(600)
        time.sleep(0.5)

    assert daemon.wait_for_event("is armed")
    assert eventually(home.reachable, 10)
    assert daemon.wait_for_event("failed: SetSysctl")
    assert home.sysctl("net.ipv4.tcp_synack_retries") == "5"
    full.unlink()
    assert daemon.wait_for_event("is calm again")
    assert daemon.end() == 0
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"


def test_without_descriptors_it_defends_and_recovers(home: Household) -> None:
    """No file or socket can be opened: sensors fail and say so, packets are judged all the same.

    The loop does not spin meanwhile, and `off` works without, too.
    """
    daemon = home.daemon()
    pid = daemon.process.pid
    before = prlimit(pid, RLIMIT_NOFILE)
    prlimit(pid, RLIMIT_NOFILE, (3, before[1]))
    assert daemon.wait_for_event("cannot see listeners: ")
    began_s = cpu_s(pid)
    home.flood(600)
    assert daemon.wait_for_event("is armed")
    assert home.reachable()
    spent_s = cpu_s(pid) - began_s
    prlimit(pid, RLIMIT_NOFILE, before)
    assert daemon.wait_for_event("sees listeners again")

    assert spent_s < 2
    assert eventually(lambda: home.status()[1]["blind"] == [], 10)
    prlimit(pid, RLIMIT_NOFILE, (3, before[1]))
    assert home.floodwall("off").returncode == 0
    assert home.is_untouched()
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
