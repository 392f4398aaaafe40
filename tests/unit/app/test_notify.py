"""What the service manager is told."""

import socket
from pathlib import Path

from floodwall.app.notify import Notifier


def test_the_manager_is_told(tmp_path: Path) -> None:
    """By datagrams to where it listens."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        notifier = Notifier({"NOTIFY_SOCKET": str(path)})
        notifier.ready("protects 3 services")
        notifier.alive()
        notifier.stopping()

        said = [manager.recv(100) for _ in range(3)]
    assert said == [b"READY=1\nSTATUS=protects 3 services", b"WATCHDOG=1", b"STOPPING=1"]


def test_an_address_without_a_file() -> None:
    """As some managers use."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0floodwall-test-notify")
        Notifier({"NOTIFY_SOCKET": "@floodwall-test-notify"}).alive()
        assert manager.recv(100) == b"WATCHDOG=1"


def test_nobody_listens(tmp_path: Path) -> None:
    """Which is no error, and costs no time."""
    Notifier({}).alive()
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "none")}).ready("")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "deaf"))
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "deaf")})
        for _ in range(2000):
            notifier.alive()
