"""The network namespace of this thread."""

from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel import netns


def test_the_cookie_is_the_same_each_time() -> None:
    """It is a name for as long as the machine runs."""
    assert netns.netns_cookie() == netns.netns_cookie() > 0


def test_the_inode_is_that_of_the_process() -> None:
    """Of its main thread, as long as no thread went elsewhere."""
    assert netns.current_inode() == Path("/proc/self/ns/net").stat().st_ino


def test_what_is_no_namespace_cannot_be_entered(tmp_path: Path) -> None:
    """The error names the path, and this thread stays where it was."""
    before = netns.current_inode()
    path = tmp_path / "file"
    path.touch()

    with pytest.raises(KernelError, match="enter network namespace"), netns.enter(path):
        pass

    assert netns.current_inode() == before


def test_a_missing_path_is_told() -> None:
    """A typo in a path is no KeyError."""
    with pytest.raises(KernelError, match="/nowhere"), netns.enter(Path("/nowhere")):
        pass


def test_no_descriptor_is_left_open() -> None:
    """Failure or not."""
    before = len(list(Path("/proc/self/fd").iterdir()))

    with pytest.raises(KernelError), netns.enter(0x7FFF):
        pass

    assert len(list(Path("/proc/self/fd").iterdir())) == before
