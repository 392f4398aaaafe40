"""Tells a service manager that the daemon is ready, alive, or about to end: sd_notify(3)."""

import contextlib
import os
import socket
from collections.abc import Mapping

VARIABLE = "NOTIFY_SOCKET"


class Notifier:
    """Speaks to the manager that has started us, or to nobody."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get(VARIABLE, "")
        # An address that begins with @ has no file: its first byte is 0, unix(7).
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def ready(self, status: str) -> None:
        """Tell that protection has begun."""
        self._send(f"READY=1\nSTATUS={status}")

    def alive(self) -> None:
        """Tell that a second has passed as it should: without it the watchdog restarts us."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Tell that the machine is being left as it was."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        # A manager that does not listen is no reason to stop, nor to wait.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as speaker,
        ):
            speaker.sendto(text.encode(), self._address)
