"""Servers behind a gateway: nothing forged reaches them, and nobody honest notices."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from floodwall.kernel import _abi as abi
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.tables import Tables
from tests.support.gate import CLOSED, HIGH, PORT, Gate, arm, forged, gate, guarded

pytestmark = pytest.mark.root

_MANY = 3000
_MIB = 1 << 20
_VERSIONS = pytest.mark.parametrize("version", [4, 6])


@pytest.fixture(scope="module")
def whole() -> Iterator[Gate]:
    """Return the network, for a module's tests."""
    with gate() as made:
        yield made


@pytest.fixture
def plane(whole: Gate, tmp_path: Path) -> Iterator[DataPlane]:
    """Return a data plane that has not seen anything yet, calm."""
    with guarded(whole, tmp_path) as made:
        yield made


def counted(tables: Tables) -> dict[str, int]:
    """Return how many TCP packets left for each reason that occurred."""
    aside = {abi.Reason.PASS_NOT_IP, abi.Reason.PASS_NOT_TCP}
    return {
        reason.name: count
        for reason, count in tables.reasons().items()
        if count and reason not in aside
    }


@_VERSIONS
def test_a_calm_service_is_not_proxied(whole: Gate, plane: DataPlane, version: int) -> None:
    """Its packets pass as they are, and its handshake is seen to complete."""
    whole.talks(version)

    said = counted(plane)
    assert said.keys() == {"PASS_CALM_SYN", "PASS_CALM_ACK"}
    assert plane.tally(0 if version == 4 else 1).completed == 1
    assert plane.state(0 if version == 4 else 1).pending == 0


@_VERSIONS
@pytest.mark.parametrize("timestamps", [1, 0])
def test_options_are_those_of_a_direct_connection(
    whole: Gate, plane: DataPlane, version: int, timestamps: int
) -> None:
    """Both ends agree on the same through an armed gateway, with timestamps and without."""
    whole.client.write_sysctl("ipv4.tcp_timestamps", timestamps)
    try:
        direct = whole.talks(version), whole.seen[-1]
        arm(plane)
        armed = whole.talks(version), whole.seen[-1]
    finally:
        whole.client.write_sysctl("ipv4.tcp_timestamps", 1)

    assert armed == direct
    assert counted(plane)["TC_SPLICED"] == 1


@_VERSIONS
def test_what_is_sent_arrives_both_ways(whole: Gate, plane: DataPlane, version: int) -> None:
    """Eight MiB through a spliced connection come back as they were."""
    whole.talks(version)
    arm(plane)
    payload = bytes(range(256)) * (8 * _MIB // 256)
    with closing(whole.connect(version)) as made:
        assert whole.echo(made, payload)
    assert counted(plane)["TC_SPLICED"] == 1


def test_losses_are_repaired(whole: Gate, plane: DataPlane) -> None:
    """Selective acknowledgements name the bytes that the other end knows them by."""
    whole.talks()
    arm(plane)
    whole.gateway.run(
        ["nft", "-f", "-"],
        "table inet loss { chain lose { type filter hook forward priority 10;"
        " numgen random mod 100 < 2 tcp flags & (syn | fin | rst) == 0 drop; }; }",
    )
    try:
        with closing(whole.connect()) as made:
            assert whole.echo(made, bytes(range(256)) * (2 * _MIB // 256))
    finally:
        whole.gateway.run(["nft", "delete", "table", "inet", "loss"])
    assert counted(plane)["TC_SPLICED"] == 1


def test_a_flood_arms_and_leaves_hardly_anything_behind(whole: Gate, plane: DataPlane) -> None:
    """Few forged SYNs cross before it arms, none after it, and clients get through."""
    whole.talks()
    before = whole.arrived("syns")
    whole.send([forged(number) for number in range(_MANY)])
    crossed = whole.arrived("syns") - before
    whole.send([forged(number) for number in range(_MANY, 2 * _MANY)])

    assert HIGH < crossed <= HIGH + 2
    assert whole.arrived("syns") - before == crossed
    assert whole.half_open() <= HIGH + 2
    for version in (4, 6):
        whole.talks(version)
    assert counted(plane)["CHALLENGE_FLOOD"] >= 2 * _MANY - HIGH - 2


def test_no_stray_ack_crosses_while_armed(whole: Gate, plane: DataPlane) -> None:
    """ACKs without a connection or a cookie end at the gateway."""
    whole.talks()
    arm(plane)
    before = whole.arrived("strays")
    # None of those whose SYNs have crossed in another test: conntrack knows them.
    whole.send([forged(number, "A") for number in range(2 * _MANY, 3 * _MANY)])

    assert counted(plane)["DROP_BAD_ACK"] == _MANY
    assert whole.arrived("strays") == before


def test_arming_and_calming_lose_no_connection(whole: Gate, plane: DataPlane) -> None:
    """A hundred times, with old connections of both kinds, and new ones all the time."""
    old = [whole.connect()]
    arm(plane)
    old.append(whole.connect())
    failed: list[OSError] = []
    done = threading.Event()

    def visit() -> None:
        while not done.is_set():
            try:
                whole.talks()
            except OSError as error:
                failed.append(error)

    visitor = threading.Thread(target=visit)
    visitor.start()
    for round_ in range(100):
        arm(plane, abi.Mode.AUTO if round_ % 2 else abi.Mode.ARMED)
        assert all(whole.echo(made) for made in old)
    done.set()
    visitor.join()
    for made in old:
        made.close()

    assert not failed
    assert counted(plane)["TC_SPLICED"] > 1


def test_a_port_is_used_again(whole: Gate, plane: DataPlane) -> None:
    """A connection from the ports of a spliced one works, armed and calm."""
    whole.talks()
    for mode in (abi.Mode.ARMED, abi.Mode.ARMED, abi.Mode.AUTO, abi.Mode.ARMED, abi.Mode.AUTO):
        arm(plane, mode)
        with closing(whole.connect(source=40001)) as made:
            assert whole.echo(made)
            # A reset frees the ports at once, on both ends.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_a_server_that_refuses_is_believed(whole: Gate, plane: DataPlane) -> None:
    """The client of a closed port is told at its first word."""
    whole.talks()
    arm(plane)
    with pytest.raises(ConnectionResetError), closing(whole.connect(port=CLOSED)) as made:
        made.recv(1)


def test_the_site_sees_nothing_odd(whole: Gate, plane: DataPlane) -> None:
    """Its rules find no invalid packet, and its conntrack no untranslated one."""
    whole.talks()
    arm(plane)
    for _ in range(10):
        whole.talks()
    rules = whole.gateway.run(["nft", "list", "chain", "inet", "site", "through"])
    tracked = whole.gateway.run(["cat", "/proc/net/nf_conntrack"]).splitlines()

    assert "ct state invalid counter packets 0" in rules
    assert any("src=10.9.0.2" in line and f"dport={PORT}" in line for line in tracked)


def test_before_an_option_was_seen_it_is_not_promised(whole: Gate, plane: DataPlane) -> None:
    """A gateway that is armed from its first packet on guesses nothing, and works."""
    arm(plane)
    agreed_ = whole.talks()

    assert agreed_.options & 7 == 0
    assert counted(plane)["TC_SPLICED"] == 1


def test_behind_the_driver_it_is_the_same(whole: Gate, tmp_path: Path) -> None:
    """Generic XDP sees what tc sends in a client's name, and lets it by."""
    with guarded(whole, tmp_path, not_native="for a test") as plane:
        direct = whole.talks(), whole.seen[-1]
        arm(plane)
        assert (whole.talks(), whole.seen[-1]) == direct
        assert counted(plane)["TC_SPLICED"] == 1
        with closing(whole.connect()) as made:
            assert whole.echo(made, bytes(range(256)) * (_MIB // 256))
