"""Listening sockets as targets."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from floodwall.core.model import Target
from floodwall.kernel import sockdiag
from floodwall.kernel.sockdiag import Listener
from floodwall.sense import listeners
from floodwall.sense.listeners import ListenerSensor
from floodwall.sense.processes import Owner
from tests.support.playbook import endpoint


def row(addr: str = "0.0.0.0", **more: Any) -> Listener:
    """Make a row of the kernel's list."""
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    defaults: dict[str, Any] = {
        "family": family,
        "addr": ip_address(addr),
        "port": 80,
        "ifindex": 0,
        "backlog": 511,
        "accept_queue": 0,
        "uid": 0,
        "inode": 7,
        "rcvbuf": 131072,
        "mptcp": False,
        "v6only": False,
    }
    return Listener(**(defaults | more))


def read(monkeypatch: pytest.MonkeyPatch, *rows: Listener) -> tuple[Target, ...]:
    """Let the kernel list these rows."""
    monkeypatch.setattr(sockdiag, "listeners", lambda: list(rows))
    monkeypatch.setattr(
        listeners, "socket_owners", lambda inodes: dict.fromkeys(inodes, Owner("nginx", 7))
    )
    return ListenerSensor().read()


def test_rows_become_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    """With everything that protection depends on."""
    (target,) = read(monkeypatch, row("192.0.2.10", ifindex=2, mptcp=True))

    assert target == Target(
        bound=endpoint("192.0.2.10", 80),
        backlog=511,
        device=2,
        mptcp=True,
        receive_buffer_bytes=131072,
        process="nginx",
    )


@pytest.mark.parametrize(
    ("addr", "v6only", "dual_stack"),
    [
        ("::", False, True),
        ("::", True, False),
        ("2001:db8::1", False, False),
        ("0.0.0.0", False, False),
    ],
)
def test_only_an_open_ipv6_wildcard_is_dual_stack(
    monkeypatch: pytest.MonkeyPatch, addr: str, *, v6only: bool, dual_stack: bool
) -> None:
    """IPV6_V6ONLY closes it; a specific address never was."""
    (target,) = read(monkeypatch, row(addr, v6only=v6only))

    assert target.dual_stack is dual_stack


def test_owners_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking /proc every second would cost more than the rest of the tick."""
    asked: list[set[int]] = []

    def owners(inodes: set[int]) -> dict[int, Owner]:
        asked.append(set(inodes))
        return {}

    monkeypatch.setattr(listeners, "socket_owners", owners)
    sensor = ListenerSensor()
    for rows in ([row()], [row()], [row(), row(inode=8)], [row(inode=8)], [row()]):
        monkeypatch.setattr(sockdiag, "listeners", lambda rows=rows: rows)
        sensor.read()

    assert asked == [{7}, {8}, {7}]
