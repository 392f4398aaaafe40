"""The real daemon bans proven abusers, and only those."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.household import NEIGHBOUR, ROUTER, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]

LIMITS = "[limits]\nidle = 8\nidle_s = 1\nfor_s = 1\n"
STRICT = f'[services]\nmode = "strict"\n{LIMITS}'
MILD = f'[services]\nmode = "protect"\n{LIMITS}'
HELD = 12


def hold(home: Household, held: ExitStack, source: str) -> list[socket.socket]:
    """Open connections that say nothing."""
    made = []
    for _ in range(HELD):
        client = home.connect(source=source)
        assert client
        made.append(held.enter_context(client))
    return made


def is_reset(client: socket.socket) -> bool:
    """Tell whether the server has aborted a connection."""
    client.settimeout(5)
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def test_an_abuser_is_banned_and_loses_what_it_holds(home: Household) -> None:
    """A gateway that does the same is refused; the reason can be asked for; a word undoes it."""
    with home.file(STRICT) as path, ExitStack() as held:
        daemon = home.daemon("--config", path)
        gateway = hold(home, held, ROUTER)
        clients = hold(home, held, NEIGHBOUR)
        banned = daemon.wait_for_event(f"banned {NEIGHBOUR}/32 for 10m")
        daemon.wait_for_event(f"closed {HELD} of {HELD} connections of 1 banned sources")

        assert f"{HELD} connections that never sent a byte, more than 8" in banned
        assert all(map(is_reset, clients))
        assert not home.reachable(timeout_s=1)
        said = [line.get("text", "") for line in daemon.said]
        refused = [text for text in said if text.startswith("did not ban")]
        assert all(f"{ROUTER}/32 is protected: gateway" in text for text in refused)
        assert len(refused) == 1
        gateway[0].sendall(b"still here")
        assert home.reachable(source=ROUTER)
        why = home.floodwall("why", NEIGHBOUR, "--json")
        assert "limits.idle" in json.dumps(json.loads(why.stdout))

        assert home.floodwall("unban", NEIGHBOUR).returncode == 0
        assert eventually(home.reachable, 5)
        assert daemon.end() == 0


def test_a_milder_mode_lets_everybody_in_again(home: Household) -> None:
    """On SIGHUP, within a second or two."""
    with home.file(STRICT) as path, ExitStack() as held:
        daemon = home.daemon("--config", path)
        hold(home, held, NEIGHBOUR)
        daemon.wait_for_event(f"banned {NEIGHBOUR}/32")
        Path(path).write_text(MILD)
        daemon.send(signal.SIGHUP)
        daemon.wait_for_event(f"lifted the ban of {NEIGHBOUR}/32: mode protect does not ban")

        assert eventually(home.reachable, 5)
        assert daemon.end() == 0


def test_the_default_mode_bans_nobody(home: Household) -> None:
    """Whatever is held open."""
    with home.file(MILD) as path, ExitStack() as held:
        daemon = home.daemon("--config", path)
        clients = hold(home, held, NEIGHBOUR)
        for _ in range(5):
            daemon.wait_for(lambda line: line["kind"] == "second")

        assert not [line for line in daemon.said if "banned" in line.get("text", "")]
        clients[0].sendall(b"still here")
        assert home.reachable()
        assert daemon.end() == 0
