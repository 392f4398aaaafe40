"""The control socket of a real daemon: other users, hostile peers, and a thousand reloads."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from floodwall.app.client import Client
from floodwall.core.protocol import SOCKET
from floodwall.kernel.links import xdp_on
from floodwall.kernel.rtnetlink import link
from tests.support.household import NEIGHBOUR, PORT, Daemon, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(300)]

NOBODY = 65534
RELOADS = 1000
STORM_S = 6.0
GROWTH_BYTES = 16 << 20

# What another user does with a socket that he was let through to.
_STRANGER = """
import json, socket, sys
with socket.socket(socket.AF_UNIX) as peer:
    peer.settimeout(5)
    peer.connect(sys.argv[1])
    try:
        peer.sendall(b'\\0\\0\\0\\x1d{"v":1,"id":1,"do":"status"} ')
    except BrokenPipeError:
        pass  # hung up on before anything was asked
    header = peer.recv(4)
    print(json.loads(peer.recv(int.from_bytes(header, "big")))["error"]["message"])
    try:
        print(peer.recv(1))
    except ConnectionResetError:
        print(b"")
"""


def socket_of(home: Household) -> Path:
    """Return the path of the daemon's socket."""
    directory = home.state_directory()
    assert directory
    return directory.run / SOCKET


def resident(daemon: Daemon) -> int:
    """Return the memory of the daemon, in bytes."""
    pages = int(Path(f"/proc/{daemon.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors(daemon: Daemon) -> int:
    """Return how many descriptors the daemon has open."""
    return sum(1 for _ in Path(f"/proc/{daemon.process.pid}/fd").iterdir())


@contextmanager
def let_through(path: Path) -> Iterator[str]:
    """Let everybody reach the socket for a while; return a way past the directories above."""
    fd = os.open(path.parent, os.O_PATH)
    modes = path.parent.stat().st_mode, path.stat().st_mode
    try:
        path.parent.chmod(0o755)
        path.chmod(0o666)
        yield f"/proc/self/fd/{fd}/{path.name}"
    finally:
        path.parent.chmod(modes[0])
        path.chmod(modes[1])
        os.close(fd)


def as_nobody(*command: str, fds: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a program as a user without any right."""
    return subprocess.run(
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        pass_fds=fds,
    )


def test_another_user_gets_nothing(home: Household) -> None:
    """Neither past the file's mode nor past the daemon, should the mode ever let him through."""
    daemon = home.daemon()
    path = socket_of(home)
    assert path.stat().st_mode & 0o777 == 0o660
    assert path.parent.stat().st_mode & 0o007 == 0
    refused = as_nobody(sys.executable, "-c", _STRANGER, str(path))
    assert "PermissionError" in refused.stderr
    with let_through(path) as way:
        told = as_nobody(sys.executable, "-c", _STRANGER, way, fds=(int(way.split("/")[4]),))

    assert told.stdout == "only root and the group floodwall may speak to the daemon\nb''\n"
    assert home.floodwall("ban", NEIGHBOUR).returncode == 0
    assert daemon.end() == 0


def test_arming_by_hand_holds_until_calm(home: Household) -> None:
    """Real clients do not notice; who asked is written down."""
    daemon = home.daemon()
    assert "armed for 1m" in home.floodwall("arm", str(PORT), "--for", "1m").stdout
    code, status = home.status()
    assert (code, status["state"]) == (1, "armed")
    assert home.reachable()
    assert any("says uid 0 (root), pid" in event for event in status["events"])
    assert home.floodwall("calm", str(PORT)).returncode == 0
    assert eventually(lambda: home.status()[0] == 0, 10)

    assert "no service is called" in home.floodwall("arm", "1").stderr
    assert daemon.end() == 0


def test_without_pins_the_socket_is_the_way(home: Household) -> None:
    """In a container that may not mount a bpffs: said so, and everything can be asked."""
    bare = 'umount -l /run/floodwall/bpf 2>&-; exec setpriv --bounding-set=-sys_admin "$@"'
    process = home.start(
        *(home.server, "unshare", "--mount", "sh", "-c", bare, "sh"),
        *(sys.executable, "-m", "floodwall", "run", "--json", "--interface", home.interface),
    )
    daemon = Daemon(process)
    assert any("nothing can be pinned" in note for note in daemon.plan["notes"])
    assert home.floodwall("ban", NEIGHBOUR).returncode == 0
    assert not home.reachable(timeout_s=1)
    assert NEIGHBOUR in home.floodwall("bans").stdout
    assert home.floodwall("unban", NEIGHBOUR).returncode == 0
    assert home.reachable()
    assert home.status()[0] == 0
    assert daemon.end() == 0


def test_it_can_be_switched_off_by_request(home: Household) -> None:
    """As by a signal: the machine is as it was."""
    daemon = home.daemon()
    with Client(socket_of(home)) as client:
        assert client.ask("off") == {}

    assert daemon.process.wait(10) == 0
    assert home.is_untouched()


def hostile(path: Path, chance: random.Random) -> list[socket.socket]:
    """Open some connections, and do something bad on each; return those that are held."""
    held = []
    for _ in range(8):
        peer = socket.socket(socket.AF_UNIX)
        peer.setblocking(False)
        with contextlib.suppress(OSError):
            peer.connect(str(path))
            shapes = (
                b"",
                b"\0",
                b"\0\0\xff\xff" + b"[" * 60000,
                b"\xff\xff\xff\xff",
                chance.randbytes(500),
                b'\0\0\0\x1d{"v":1,"id":1,"do":"status"} ' * 50,
                b'\0\0\0\x1b{"v":1,"id":1,"do":"bans"} ' * 50,
            )
            peer.send(chance.choice(shapes))
        held.append(peer)
    return held


def test_hostile_peers_do_not_hold_up_the_defence(home: Household) -> None:
    """Slow, huge, garbage, and many: the seconds go on, and an operator is served."""
    daemon = home.daemon()
    daemon.wait_for(lambda line: line["kind"] == "second")
    path, chance = socket_of(home), random.Random(6)
    before, began = resident(daemon), time.monotonic()
    held: list[socket.socket] = []
    connections = 0
    while time.monotonic() - began < STORM_S:
        new = hostile(path, chance)
        connections += len(new)
        held += new
        while len(held) > 200:
            held.pop(chance.randrange(len(held))).close()
    for peer in held:
        peer.close()
    daemon.said.clear()
    assert eventually(lambda: home.floodwall("ban", "198.51.100.7").returncode == 0, 20)
    assert home.reachable()
    seconds = [daemon.wait_for(lambda line: line["kind"] == "second") for _ in range(5)]
    grown = resident(daemon) - before
    print(f"{connections} hostile connections, {grown >> 10} KiB more")  # noqa: T201  a figure

    assert len(seconds) == 5
    assert grown < GROWTH_BYTES
    assert eventually(lambda: descriptors(daemon) < 100, 70)
    assert daemon.end() == 0


def test_a_thousand_reloads_leave_no_gap_and_no_trace(home: Household, tmp_path: Path) -> None:
    """Under flood: not one SYN passes unchallenged, and no program is attached anew."""
    file = tmp_path / "floodwall.toml"
    texts = [f"[services]\narmed_ports = [{PORT}]\n[arming]\nhold_s = {n}\n" for n in (5, 9)]
    file.write_text(texts[0])
    daemon = home.daemon("--config", str(file))

    def program() -> int:
        return home.inside(home.server, lambda: xdp_on(link(home.interface).index).prog_id)

    with Client(socket_of(home)) as client:
        client.ask("apply", text=texts[1], origin="x")
        first, memory, open_ = program(), resident(daemon), descriptors(daemon)
        reading = home.status()[1]["services"][0]["reading"]
        began = time.monotonic()
        for number in range(RELOADS):
            client.ask("apply", text=texts[number % 2], origin="x")
            if number % 5 == 0:
                home.flood(20)
        took_s = time.monotonic() - began
    after = home.status()[1]["services"][0]["reading"]
    print(f"{RELOADS} reloads in {took_s:.0f} s")  # noqa: T201  a figure of the report

    assert after["passed"] == reading["passed"]
    assert after["challenged"] - reading["challenged"] == RELOADS // 5 * 20
    assert program() == first
    assert descriptors(daemon) <= open_ + 1
    assert resident(daemon) - memory < GROWTH_BYTES
    assert home.reachable()
    assert daemon.end() == 0
