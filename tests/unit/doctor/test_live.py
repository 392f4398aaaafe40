"""This machine, as the doctor looks at it."""

import os
import socket

import pytest

from floodwall.core.errors import KernelError
from floodwall.doctor import live_sockets
from floodwall.doctor.live import Eyes


@pytest.mark.parametrize("reduced", [False, True])
def test_a_listener_of_ours_is_seen_with_its_owner(*, reduced: bool) -> None:
    """By netlink with its backlog, by /proc without."""
    with socket.create_server(("127.0.0.1", 0), backlog=7) as listener:
        port = listener.getsockname()[1]
        eyes = Eyes(reduced=reduced)
        sample = eyes.look()

    assert sample.sockets is not None
    (found,) = [one for one in sample.sockets.listening if one.bound.port == port]
    assert found.backlog == (None if reduced else 7)
    assert eyes.owners[found.inode].pid == os.getpid()
    assert sample.cpu_s[os.getpid()] > 0


def test_where_netlink_is_kept_from_us_proc_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a filter of system calls; it is said, and both looks are alike."""

    def refuse() -> None:
        raise KernelError("open netlink socket: Operation not permitted")

    monkeypatch.setattr(live_sockets, "read_sockets", refuse)
    eyes = Eyes()
    sample = eyes.look()

    assert eyes.reduced
    assert sample.sockets is not None
    assert any("Operation not permitted" in line for line in sample.unseen)
