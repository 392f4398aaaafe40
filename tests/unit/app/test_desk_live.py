"""What a screen asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from floodwall.app.desk_bans import From
from floodwall.app.peer import Peer, Role
from floodwall.core.protocol import encode, succeeded
from tests.support.fake_daemon import CALM, FakeDaemon

VIEWER = Peer(9, 1000, frozenset(), Role.VIEW, "eve")


def ask(daemon: FakeDaemon, begin: int = 0) -> dict[str, Any]:
    """Ask for a page, which must fit into a frame."""
    answer = daemon.verbs()["live"].carry_out(VIEWER, From(begin))
    encode(succeeded(1, answer))
    return dict(answer)


def test_everybody_who_may_look_is_told_everything() -> None:
    """The role of the verb is that of a viewer."""
    daemon = FakeDaemon()

    told = ask(daemon)

    assert daemon.verbs()["live"].role is Role.VIEW
    assert [each["name"] for each in told["services"]] == ["*:443 nginx", "*:22 sshd"]
    assert told["standing"]["lease_s"] == 598.0


def test_many_services_come_in_pages() -> None:
    """Long names and much evidence fit into frames."""
    daemon = FakeDaemon()
    daemon.flood()
    flooded = daemon.services[0]
    daemon.services = tuple(
        replace(flooded, index=n, name=f"{n}" + "x" * 300, advice="y" * 900) for n in range(64)
    )
    names, part = list[str](), dict[str, Any](next=0)
    while part["next"] is not None:
        part = ask(daemon, part["next"])
        names += [each["name"] for each in part["services"]]

    assert len(set(names)) == len(names) == 64


def test_before_the_first_second_only_the_standing_is_told() -> None:
    """And no time of an observation."""
    told = ask(FakeDaemon(silent=True))

    assert told["services"] == []
    assert "at_ns" not in told


def test_a_calm_service_is_a_small_answer() -> None:
    """Many viewers ask once a second."""
    daemon = FakeDaemon(services=(CALM,) * 64)

    assert len(encode(succeeded(1, ask(daemon)))) < 64 * 1024
