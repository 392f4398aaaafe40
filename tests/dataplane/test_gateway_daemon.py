"""The real daemon on a gateway: it learns what stands behind, defends it, goes without trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from floodwall.kernel.bpffs import StateDirectory
from tests.support.gate import CLOSED, OUTSIDE, PORT, Gate, forged, gate
from tests.support.household import Daemon

pytestmark = [pytest.mark.root, pytest.mark.live]

_SETTINGS = f'[gateway]\nenabled = true\nservices = ["{OUTSIDE[4]}:{CLOSED}"]\n'
_BEHIND = {f"{OUTSIDE[4]}:{PORT}", f"[{OUTSIDE[6]}]:{PORT}", f"{OUTSIDE[4]}:{CLOSED}"}
_MANY = 3000
_HALF_OPEN_MAX = 16
_END_S = 20.0


def command(whole: Gate, *arguments: str) -> list[str]:
    """Return the command line of a verb on the gateway."""
    return whole.gateway.command([sys.executable, "-m", "floodwall", *arguments])


@contextmanager
def daemon(whole: Gate, home: Path) -> Iterator[Daemon]:
    """Run the daemon on the gateway; whatever is left of it ends with the block."""
    file = home / "floodwall.toml"
    file.write_text(_SETTINGS)
    options = ("--interface", "out", "--mode", "native", "--config", str(file))
    with subprocess.Popen(
        command(whole, "run", "--json", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "STATE_DIRECTORY": str(home)},
    ) as process:
        try:
            yield Daemon(process)
        finally:
            process.kill()


def verb(whole: Gate, *arguments: str) -> str:
    """Run a verb to its end, and return what it says."""
    done = subprocess.run(
        command(whole, *arguments), capture_output=True, text=True, timeout=_END_S, check=False
    )
    return done.stdout


def surroundings(whole: Gate) -> set[str]:
    """Return what an operator would find changed: rules, sysctls, programs."""
    told = (
        whole.gateway.run(["nft", "--stateless", "list", "ruleset"]),
        whole.gateway.run(["sysctl", "-a", "--pattern", r"^net\.(netfilter|ipv4\.tcp_)"]),
        whole.gateway.run(["ip", "-details", "link", "show", "dev", "out"]),
    )
    lines = {line for text in told for line in text.splitlines()}
    return {line for line in lines if "nf_conntrack_count" not in line}


@pytest.fixture
def whole() -> Iterator[Gate]:
    """Return a network of its own."""
    with gate() as made:
        yield made


def test_it_defends_what_it_learned_and_goes_without_trace(whole: Gate, tmp_path: Path) -> None:
    """NAT rules are read, a flood arms, half-open connections stay few, `off` leaves nothing."""
    before = surroundings(whole)
    with daemon(whole, tmp_path) as running:
        services = {each["name"]: each for each in running.plan["services"]}
        assert services.keys() == _BEHIND
        assert {each["mechanism"] for each in services.values()} == {"splice"}
        whole.talks()
        whole.send([forged(number) for number in range(_MANY)])
        assert whole.half_open() <= _HALF_OPEN_MAX
        for version in (4, 6):
            whole.talks(version)
        said = json.loads(verb(whole, "status", "--json"))
        assert said["reasons"]["challenge_flood"] > _MANY / 2
        assert running.end() == 0
    assert "nothing" in verb(whole, "off")
    assert surroundings(whole) ^ before == set()


def test_a_spliced_connection_outlives_a_daemon(whole: Gate, tmp_path: Path) -> None:
    """It is killed under flood, another one takes over: data flows all the time."""
    with daemon(whole, tmp_path) as first:
        whole.talks()
        whole.send([forged(number) for number in range(_MANY)])
        with closing(whole.connect()) as made:
            assert whole.echo(made)
            first.process.kill()
            first.process.wait()
            assert whole.echo(made, b"x" * 100_000)
            with daemon(whole, tmp_path) as second:
                assert whole.echo(made, b"y" * 100_000)
                whole.talks()
                said = json.loads(verb(whole, "status", "--json"))
                assert said["reasons"]["tc_spliced"] >= 1
                assert second.end() == 0


def test_a_killed_daemons_gateway_is_switched_off(whole: Gate, tmp_path: Path) -> None:
    """`off` takes down both hooks of tc, too."""
    with daemon(whole, tmp_path) as running:
        running.process.kill()
        running.process.wait()
        said = verb(whole, "off")
    assert "link_out_" in said
    assert whole.gateway.call(StateDirectory.find) is None
    whole.talks()
