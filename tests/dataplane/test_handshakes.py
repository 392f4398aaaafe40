"""A handshake that the kernel finishes forgives its source, whoever challenged it before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from floodwall.kernel.bpf import Link
from tests.support.bout import Bout
from tests.support.namespace import netns_cookie
from tests.support.oracle.judge import complete_handshake
from tests.support.oracle.world import SECOND_NS
from tests.support.packets import TCP, Ethernet, IPv4, IPv6
from tests.support.sockets import four_tuple
from tests.support.stage import CLIENT4, CLIENT6, SERVER4, SERVER6, WEB, Stage
from tests.support.subject import Subject

pytestmark = pytest.mark.root

FAMILIES = [(CLIENT4, SERVER4), (CLIENT6, SERVER6)]
UNPROTECTED = 8000
TRACEPOINT = "inet_sock_set_state"


@pytest.fixture
def watching(bout: Bout) -> Iterator[Bout]:
    """Return dealings with a program that sees the handshakes of its namespace."""
    with closing(Link.raw_tracepoint(bout.stage.subject.program_fd("handshake_done"), TRACEPOINT)):
        yield bout


def connect(bout: Bout, server: str, client: str, port: int = WEB) -> None:
    """Finish a real handshake, and tell the oracle."""
    sockets = bout.stage.sockets
    listener = bout.stage.listeners.get((server, port)) or sockets.listen(server, port)
    made = sockets.connect(listener, client)
    complete_handshake(bout.world, four_tuple(made))


@pytest.mark.parametrize(("client", "server"), FAMILIES, ids=["4", "6"])
def test_completed_handshake_is_not_pending(watching: Bout, client: str, server: str) -> None:
    """One SYN and its handshake leave nothing pending, one completed and one proof."""
    layer = IPv6(client, server) if ":" in client else IPv4(client, server)
    for port in (1000, 1001, 1002):
        watching.reason(Ethernet() / layer / TCP(source=port))
    connect(watching, server, client)

    assert (watching.web.state.pending, watching.web.tally.completed) == (2, 1)
    assert [proof.count for proof in watching.world.proven.values()] == [1]
    watching.check()


@pytest.mark.parametrize(("client", "server"), FAMILIES, ids=["4", "6"])
def test_completed_handshake_forgives_two(watching: Bout, client: str, server: str) -> None:
    """Debts of the address and its prefix fall by two, to zero at the least."""
    layer = IPv6(client, server) if ":" in client else IPv4(client, server)
    for port in range(1000, 1005):
        watching.reason(Ethernet() / layer / TCP(source=port))
    owed = []
    for _ in range(3):
        connect(watching, server, client)
        owed.append(max(debt for _, debt in watching.world.debts.values()))
        watching.check()

    assert owed == [3, 1, 1]  # the ports' own debts of one stay: those handshakes never ended


def test_pending_never_falls_below_zero(watching: Bout) -> None:
    """A handshake whose SYN was not counted changes no window."""
    connect(watching, SERVER4, CLIENT4)
    watching.pass_time(SECOND_NS)
    connect(watching, SERVER4, CLIENT4)

    assert (watching.web.state.pending, watching.web.tally.completed) == (0, 2)


def test_handshake_of_another_port_proves_its_source_too(watching: Bout) -> None:
    """Good connections anywhere on this machine count for their source."""
    connect(watching, SERVER4, CLIENT4, UNPROTECTED)

    assert watching.web.tally.completed == 0
    assert len(watching.world.proven) == 1
    watching.check()


def test_handshakes_of_other_namespaces_are_not_ours(stage: Stage) -> None:
    """The tracepoint fires for the whole machine; only our namespace counts."""
    elsewhere = {"fw_netns_cookie": netns_cookie() + 1}
    with Subject(constants=elsewhere) as stranger:
        world = stage.world()
        stranger.put(world)
        with closing(Link.raw_tracepoint(stranger.program_fd("handshake_done"), TRACEPOINT)):
            stage.sockets.connect(stage.listeners[SERVER4, WEB], CLIENT4)

        assert stranger.differs_from(world) == []
