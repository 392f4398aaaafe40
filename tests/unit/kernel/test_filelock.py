"""Locks between processes."""

import os
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.filelock import FileLock, is_locked


def test_only_one_holds_it(tmp_path: Path) -> None:
    """The second is told, and gets it after the first."""
    path = tmp_path / "lock"
    with FileLock(path):
        assert is_locked(path)
        assert not FileLock(path).acquire(wait=False)

    assert not is_locked(path)
    second = FileLock(path)
    assert second.acquire(wait=False)
    second.release()


def test_a_held_lock_can_guard_a_block(tmp_path: Path) -> None:
    """Entering does not wait for oneself."""
    lock = FileLock(tmp_path / "lock")
    assert lock.acquire(wait=False)
    with lock:
        assert is_locked(lock.path)

    assert not is_locked(lock.path)


def test_it_says_who_holds_it(tmp_path: Path) -> None:
    """A shorter text leaves nothing of a longer one."""
    with FileLock(tmp_path / "lock") as lock:
        lock.write("somebody with a long name")
        lock.write("me")

        assert lock.path.read_text() == "me"


def test_nobody_writes_without_it(tmp_path: Path) -> None:
    """That would be our own mistake."""
    with pytest.raises(RuntimeError):
        FileLock(tmp_path / "lock").write("me")


def test_a_removed_file_locks_nobody_out(tmp_path: Path) -> None:
    """Who held the old file does not keep others from the new one, nor share it with them."""
    path = tmp_path / "lock"
    with FileLock(path):
        path.unlink()
        assert not is_locked(path)
        with FileLock(path):
            assert is_locked(path)


def test_an_impossible_path_is_an_error(tmp_path: Path) -> None:
    """It names the file."""
    with pytest.raises(KernelError, match="open lock"):
        FileLock(tmp_path / "none" / "lock").acquire()


def test_the_kernel_releases_it_at_death(tmp_path: Path) -> None:
    """However its holder ends."""
    path = tmp_path / "lock"
    child = os.fork()
    if child == 0:
        FileLock(path).acquire()
        os._exit(0)
    os.waitpid(child, 0)

    assert not is_locked(path)


def test_a_place_that_takes_nothing_is_named() -> None:
    """An operator must know which one."""
    lock = FileLock(Path("/dev/full"))
    with lock, pytest.raises(KernelError, match="write lock /dev/full: "):
        lock.write("1 2")
