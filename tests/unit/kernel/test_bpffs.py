"""State has a place of its own in each network namespace, and leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.bpffs import StateDirectory, is_bpffs, run_directory
from floodwall.kernel.netns import netns_cookie
from tests.support.namespace import own_namespace


def test_a_plain_directory_is_no_bpffs(tmp_path: Path) -> None:
    """What is not mounted does not count."""
    assert not is_bpffs(tmp_path)


def test_nothing_is_found_where_nothing_was_made(tmp_path: Path) -> None:
    """And looking makes nothing."""
    assert StateDirectory.find(tmp_path / "run", tmp_path / "bpf") is None
    assert list(tmp_path.iterdir()) == []


def test_pins_can_be_declined(tmp_path: Path) -> None:
    """With a reason, although they could be had."""
    state = StateDirectory.prepare(tmp_path / "run", no_pins="masked")

    assert (state.pins, state.reason) == (None, "nothing can be pinned: masked")
    assert state.run.is_dir()


def test_without_pins_there_is_a_reason(tmp_path: Path) -> None:
    """Questions about pins have an answer all the same."""
    state = StateDirectory(tmp_path, None, "nothing can be pinned")

    assert (state.pin("table"), state.pinned()) == (None, [])


@pytest.mark.root
def test_a_bpffs_of_our_own_is_mounted_and_removed(tmp_path: Path) -> None:
    """Where the system has none, such as in a container."""
    state = StateDirectory.prepare(tmp_path / "run", tmp_path / "none")
    try:
        assert state.run == tmp_path / "run" / f"{netns_cookie():x}"
        assert is_bpffs(tmp_path / "run" / "bpf")
        assert "has no bpffs" in state.reason
    finally:
        state.remove()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.root
def test_a_hidden_bpffs_is_none(pins: StateDirectory) -> None:
    """Where /run is another file system than the one on which it was mounted."""
    bpffs = pins.run.parent / "bpf"
    assert is_bpffs(bpffs)
    look = (
        "import pathlib, sys; from floodwall.kernel.bpffs import is_bpffs;"
        "sys.exit(is_bpffs(pathlib.Path(sys.argv[1])))"
    )
    hide = f'mount -t tmpfs none {bpffs.parent} && mkdir {bpffs} && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", hide, "sh", sys.executable]

    done = subprocess.run([*command, "-c", look, str(bpffs)], check=False)
    assert done.returncode == 0


@pytest.mark.root
def test_only_its_owner_can_look_inside(pins: StateDirectory) -> None:
    """Pins and control socket are for root alone."""
    assert pins.pins is not None
    assert [path.stat().st_mode & 0o777 for path in (pins.run, pins.pins)] == [0o700, 0o700]


@pytest.mark.root
def test_what_was_prepared_is_found(pins: StateDirectory, tmp_path: Path) -> None:
    """By a second process that knows the namespace alone."""
    found = StateDirectory.find(tmp_path / "run", tmp_path / "no-bpffs")

    assert found is not None
    assert (found.run, found.pins) == (pins.run, pins.pins)


@pytest.mark.root
def test_the_bpffs_of_the_system_is_used_and_kept(pins: StateDirectory, tmp_path: Path) -> None:
    """Only our directory in it goes away."""
    system = pins.run.parent / "bpf"
    state = StateDirectory.prepare(tmp_path / "other", system)
    assert state.pins == pins.pins
    state.remove()

    assert is_bpffs(system)
    assert not (system / "floodwall").exists()


@pytest.mark.root
def test_pins_are_listed_and_removed(pins: StateDirectory, small: BpfObject) -> None:
    """Maps and markers alike; runtime files too."""
    path = pins.pin("table")
    marker = pins.pin("abi_0")
    assert path is not None
    assert marker is not None
    small.map("table").pin(path)
    marker.mkdir()
    (pins.run / "control").touch()

    assert [found.name for found in pins.pinned()] == ["abi_0", "table"]
    pins.remove()
    assert not pins.run.parent.exists()


@pytest.mark.root
def test_the_bpffs_stays_while_another_namespace_uses_it(
    pins: StateDirectory, tmp_path: Path
) -> None:
    """The last one to leave takes it down."""
    with own_namespace():
        other = StateDirectory.prepare(tmp_path / "run", tmp_path / "no-bpffs")
        assert other.pins != pins.pins
        other.remove()

    assert pins.pins is not None
    assert pins.pins.is_dir()


@pytest.mark.root
def test_where_nothing_can_be_mounted_there_are_no_pins(tmp_path: Path) -> None:
    """A file in the place of the mount point stands for a mount that is refused."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "bpf").touch()

    state = StateDirectory.prepare(tmp_path / "run", tmp_path / "none")

    assert state.pins is None
    assert state.reason.startswith("nothing can be pinned: ")


def test_the_run_directory_has_the_name_of_the_namespace(tmp_path: Path) -> None:
    """Whether it is there or not: a client needs nothing else to find the daemon."""
    assert run_directory(tmp_path) == tmp_path / f"{netns_cookie():x}"
