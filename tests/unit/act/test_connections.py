"""Closing what banned sources hold open."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from floodwall.act.connections import close_connections
from floodwall.core.commands import CloseConnections
from floodwall.core.decision import Act, Decision
from floodwall.core.model import Endpoint
from floodwall.kernel import sockdiag
from tests.support.namespace import own_namespace

DECISION = Decision(5, Act.DESTROY, "bans.close", "1 sources", "close connections")
SERVERS = {"127.0.0.7": "192.0.2.1", "127.0.0.8": "192.0.2.1", "2001:db8::7": "2001:db8::1"}


def close(*networks: str, port: int = 80, server: str = "192.0.2.1") -> str | None:
    """Close what networks hold with one endpoint."""
    ends = frozenset({Endpoint(ip_address(server), port)})
    return close_connections(CloseConnections(frozenset(map(ip_network, networks)), ends, DECISION))


@pytest.fixture
def clients() -> Iterator[dict[str, socket.socket]]:
    """Connect clients of three addresses to a dual-stack server, which accepts none of them."""
    with own_namespace(["192.0.2.1", "2001:db8::1", "2001:db8::7"]), ExitStack() as held:
        listener = socket.create_server(
            ("::", 80), family=socket.AF_INET6, dualstack_ipv6=True, backlog=16
        )
        held.enter_context(listener)
        connected = {}
        for source, server in SERVERS.items():
            made = socket.create_connection((server, 80), timeout=5, source_address=(source, 0))
            connected[source] = held.enter_context(made)
        yield connected


def is_open(client: socket.socket) -> bool:
    """Tell whether a connection was not reset."""
    client.settimeout(0.05)
    try:
        client.recv(1)
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False
    return False


@pytest.mark.root
@pytest.mark.parametrize("source", SERVERS)
def test_only_the_banned_are_closed(clients: dict[str, socket.socket], source: str) -> None:
    """IPv4 through a dual-stack listener and IPv6 alike; the client hears of it at once."""
    told = close(str(ip_network(source)), server=SERVERS[source])

    assert told == "closed 1 of 1 connections of 1 banned sources"
    assert {name for name, client in clients.items() if not is_open(client)} == {source}


@pytest.mark.root
def test_a_network_is_all_of_its_addresses(clients: dict[str, socket.socket]) -> None:
    """A ban of a prefix closes what each of it holds."""
    assert close("127.0.0.0/24") == "closed 2 of 2 connections of 1 banned sources"
    assert [name for name, client in clients.items() if is_open(client)] == ["2001:db8::7"]


@pytest.mark.root
def test_other_endpoints_are_left_alone(clients: dict[str, socket.socket]) -> None:
    """Only connections with protected services are looked at."""
    assert close("127.0.0.0/24", port=81) is None
    assert all(map(is_open, clients.values()))


def test_nothing_is_closed_without_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection, no request to the kernel that names one."""
    given: list[Any] = []

    def destroy(rows: list[Any]) -> int:
        given.extend(rows)
        return 0

    monkeypatch.setattr(sockdiag, "established", list)
    monkeypatch.setattr(sockdiag, "destroy", destroy)

    assert close("127.0.0.0/24") is None
    assert given == []
