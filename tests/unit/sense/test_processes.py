"""Which process owns a socket."""

import os
import socket
from pathlib import Path

from floodwall.sense.processes import socket_owners


def test_our_own_socket_is_ours() -> None:
    """Found by its inode in /proc."""
    with socket.socket() as held:
        inode = os.fstat(held.fileno()).st_ino
        name = Path("/proc/self/comm").read_text().strip()

        assert socket_owners({inode}) == {inode: (name, os.getpid())}


def test_what_nobody_has_is_left_out() -> None:
    """No guess is made."""
    assert socket_owners({2**40}) == {}
    assert socket_owners(set()) == {}


def test_a_process_that_goes_away_is_skipped(tmp_path: Path) -> None:
    """/proc changes while it is read."""
    gone = tmp_path / "4711"
    gone.mkdir()
    (tmp_path / "self").mkdir()
    kept = tmp_path / "4712" / "fd"
    kept.mkdir(parents=True)
    (kept / "3").symlink_to("socket:[7]")
    (kept / "4").touch()

    assert socket_owners({7, 8}, tmp_path) == {7: ("", 4712)}
