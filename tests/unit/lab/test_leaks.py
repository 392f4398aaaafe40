"""What a run could have left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.build import compile_object
from floodwall.lab import leaks
from floodwall.lab.leaks import LeakWatch, held_by
from floodwall.lab.topology import Options, topology

SLEEPER = (sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for what is meant to stay."""
    monkeypatch.setattr(leaks, "_PATIENCE_S", 3.0)


@pytest.mark.slow
def test_a_process_that_runs_on_is_a_leak() -> None:
    """Until it ends."""
    watch = LeakWatch()
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        watch.note_process(process.pid)
        left = watch.leaks()
        process.communicate()

    assert left == (f"process {process.pid}",)
    assert watch.leaks() == ()


def test_the_lab_s_own_process_is_none() -> None:
    """It has to tell the result."""
    watch = LeakWatch()
    watch.note_process(os.getpid())

    assert watch.leaks() == ()


@pytest.mark.slow
def test_a_place_that_is_still_there_is_a_leak(tmp_path: Path) -> None:
    """Pins and runtime files go with the daemon."""
    watch = LeakWatch()
    watch.note_place(tmp_path)

    assert watch.leaks() == (str(tmp_path),)


@pytest.mark.root
def test_a_bpf_object_that_is_still_loaded_is_a_leak() -> None:
    """Maps and programs by their ids, which are never used again."""
    watch = LeakWatch()
    with BpfObject.open(compile_object("flood")) as loaded:
        loaded.load()
        watch.note_process(os.getpid())
        left = watch.leaks()

    assert {one.split()[1] for one in left} == {"prog", "map"}
    assert watch.leaks() == ()


@pytest.mark.root
def test_what_a_process_holds_is_seen() -> None:
    """Before it is closed, and not after."""
    before = held_by(os.getpid())
    with BpfObject.open(compile_object("flood")) as loaded:
        loaded.load()
        held = held_by(os.getpid()) - before
        fd = loaded.program("flood_sink").id

    assert ("prog", str(fd)) in held
    assert held_by(os.getpid()) - before == frozenset()


@pytest.mark.parametrize(("cookie", "left"), [(7, ["mount on /x"]), (8, [])])
def test_a_mount_of_a_namespace_is_a_leak_unless_it_is_another_one(
    cookie: int, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel uses inodes again, but no cookies."""
    watch = LeakWatch()
    watch._namespaces = {1: 7}
    monkeypatch.setattr(leaks, "_mount_points", lambda: [("net:[1]", "/x"), ("/", "/y")])
    monkeypatch.setattr(leaks, "_cookie_of", lambda _path: cookie)

    assert [one for one in watch._left() if one.startswith("mount")] == left


@pytest.mark.root
def test_a_network_that_is_still_held_is_a_leak() -> None:
    """And its namespaces are gone with it."""
    watch = LeakWatch()
    with topology(Options()) as network:
        watch.note_topology(network)
        left = watch.leaks()

    assert len(left) == len(network.namespaces)
    assert watch.leaks() == ()
