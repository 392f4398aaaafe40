"""The flood stays in the lab, and the lab leaves nothing, however it ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from floodwall.lab.flood import Aim, Flood, FloodOrder, Sources
from floodwall.lab.leaks import exists, held_by
from floodwall.lab.wait import until

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(120)]

WORKER = (sys.executable, "-m", "floodwall.lab.flood_worker")
SECOND = 1_000_000_000


def descendants(process: int) -> Iterator[int]:
    """Yield the children of a process, theirs, and so on."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield int(child)
        yield from descendants(int(child))


def runs(process: int) -> bool:
    """Tell whether a process is there and is no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def name_of(process: int) -> str:
    """Return the command line of a process."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def test_outside_the_lab_the_generator_refuses() -> None:
    """Here, in the network namespace of the tests, at an address of the lab."""
    (loopback,) = json.loads(
        subprocess.run(
            ["ip", "-json", "link", "show", "dev", "lo"], capture_output=True, check=True
        ).stdout
    )
    aim = Aim("lo", loopback["address"], loopback["address"], "198.18.0.2", 80)
    order = FloodOrder(Flood(Sources.RANDOM, 1.0), aim, ((0, SECOND),), 1, 0)
    done = subprocess.run(
        WORKER, input=msgspec.json.encode(order) + b"\n0\n", capture_output=True, check=False
    )

    assert done.returncode == 2
    assert b"refusing to send: this is the network namespace" in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize(("row", "processes"), [("off", 6), ("floodwall", 7)])
def test_a_killed_lab_takes_everybody_with_it(tmp_path: Path, row: str, processes: int) -> None:
    """Server, clients, attacker and daemon end with it; the daemon removes what it pinned."""
    lab = subprocess.Popen(
        [
            *(sys.executable, "-m", "floodwall", "lab", "run", "spoofed", "--rows", row),
            *("--svg", str(tmp_path / "x.svg"), "--png", str(tmp_path / "x.png")),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # who is killed removes no files
    )
    try:
        spaces = until(lambda: _spaces_of(lab.pid, processes), 30.0)
        everybody = set(descendants(lab.pid))
        held = frozenset().union(*(held_by(one) for one in everybody))
    finally:
        lab.send_signal(signal.SIGKILL)
        lab.wait()

    assert spaces, "not everybody was there within 30 s"
    assert until(lambda: not any(runs(one) for one in everybody), 10.0)
    assert len(spaces) == 4
    assert until(lambda: not any(exists(kind, int(number)) for kind, number in held), 10.0)


def _spaces_of(lab: int, processes: int) -> set[int]:
    """Return the namespaces of all, once everybody is there and in its own; else nothing.

    nginx has two processes, clients have two; then the attacker, the watcher and the daemon.
    """
    everybody = set(descendants(lab))
    with suppress(FileNotFoundError):
        spaces = {Path(f"/proc/{one}/ns/net").stat().st_ino for one in everybody}
        inside = Path("/proc/self/ns/net").stat().st_ino not in spaces
        attacked = any("flood_worker" in name_of(one) for one in everybody)
        return spaces if inside and attacked and len(everybody) >= processes else set()
    return set()
