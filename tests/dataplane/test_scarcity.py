"""Little room: few bans allowed, no place for files; the defence goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.household import NEIGHBOUR, Daemon, Household, eventually

pytestmark = pytest.mark.root

RUNGS = pytest.mark.parametrize(
    "mask", ["", "xdp", "xdp,nftables"], ids=["XDP", "nftables", "routes"]
)
NETWORKS = tuple(f"198.51.100.{number}" for number in range(20))


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
    for _ in range(3):
        home.flood(600)

    assert daemon.wait_for_event("is armed")
    assert eventually(home.reachable, 10)
    assert daemon.wait_for_event("failed: SetSysctl")
    assert home.sysctl("net.ipv4.tcp_synack_retries") == "5"
    full.unlink()
    assert daemon.wait_for_event("is calm again")
    assert daemon.end() == 0
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
