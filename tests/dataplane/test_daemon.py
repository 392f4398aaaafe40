"""The real daemon beside a real listener: it protects, reports, obeys and leaves nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.kernel import rtnetlink
from floodwall.kernel.links import xdp_on
from tests.support.household import (
    NEIGHBOUR,
    PORT,
    SERVER,
    SERVER6,
    Household,
    eventually,
    household,
)

pytestmark = pytest.mark.root


@pytest.fixture
def home() -> Iterator[Household]:
    """Return a server that listens on one port of both families."""
    with household() as made:
        made.listen()
        yield made


def untouched(home: Household) -> bool:
    """Tell whether nothing of Floodwall is on the server."""

    def bare() -> bool:
        return not any(xdp_on(link.index).prog_id for link in rtnetlink.links())

    return home.state_directory() is None and home.inside(home.server, bare)


def test_it_protects_what_listens_and_says_how(home: Household) -> None:
    """The plan names service, mechanism and rung; both families get through."""
    daemon = home.daemon()
    code, status = home.status()
    (service,) = daemon.plan["services"]

    assert service["name"].startswith(f"[::]:{PORT}")
    assert service["mechanism"] == "handover"
    assert daemon.plan["interfaces"][0]["rung"].startswith("XDP ")
    assert (code, status["state"]) == (0, "running")
    assert 590 < status["lease_s"] <= 600
    assert status["pid"]
    assert home.reachable(SERVER)
    assert home.reachable(SERVER6)
    assert daemon.end() == 0
    assert untouched(home)


def test_it_leaves_the_machine_as_it_was(home: Household) -> None:
    """SYN cookies are on while it runs, and what they were afterwards."""
    home.sysctl("net.ipv4.tcp_syncookies", "0")
    daemon = home.daemon()

    assert home.sysctl("net.ipv4.tcp_syncookies") == "1"
    assert daemon.end(signal.SIGTERM) == 0
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
    assert untouched(home)


def test_a_second_daemon_is_refused(home: Household) -> None:
    """The refusal names the first one, which goes on."""
    daemon = home.daemon()
    second = home.floodwall("run", "--interface", home.interface)

    assert second.returncode == 2
    assert "already runs in this network namespace (pid " in second.stderr
    assert home.status()[0] == 0
    assert daemon.end() == 0


def test_it_follows_the_machine_within_a_second_or_two(home: Household) -> None:
    """New listeners are protected, new addresses too, and loopback is left alone."""
    daemon = home.daemon()
    home.listen("127.0.0.1", 8081)
    home.listen("0.0.0.0", 8082)
    home.address(home.server, home.interface, "10.99.0.77")

    assert daemon.wait_for_event("protects *:8082")
    plans = eventually(lambda: home.status()[1]["plan"]["exclusions"])
    assert [plan["reason"] for plan in plans] == ["listens on loopback only"]
    assert home.reachable("10.99.0.77", 8082)
    assert daemon.end() == 0


def test_a_reload_is_all_or_nothing(home: Household, tmp_path: Path) -> None:
    """A file with a mistake changes nothing; a right one changes everything at once."""
    file = tmp_path / "floodwall.toml"
    file.write_text("")
    daemon = home.daemon("--config", str(file))
    file.write_text(f"[services]\nexclude_ports = [{PORT}]\n[armng]\n")
    daemon.send(signal.SIGHUP)
    said = daemon.wait_for_event("not reloaded")
    assert "floodwall.toml:3: armng: unknown key (did you mean [arming]?)" in said
    assert len(home.status()[1]["services"]) == 1

    file.write_text(f"[services]\nexclude_ports = [{PORT}]\n")
    daemon.send(signal.SIGHUP)
    daemon.wait_for_event("no longer protects")
    assert home.status()[1]["services"] == []
    assert daemon.end() == 0


def test_settings_with_mistakes_do_not_start(home: Household, tmp_path: Path) -> None:
    """All of them are told, with their lines, and nothing was touched."""
    file = tmp_path / "floodwall.toml"
    file.write_text("[arming]\nhold = 5\nlow_share = 7\n")
    answer = home.floodwall("run", "--interface", home.interface, "--config", str(file))

    assert answer.returncode == 2
    assert "floodwall.toml:2: arming.hold: unknown key" in answer.stderr
    assert "floodwall.toml:3: arming.low_share: " in answer.stderr
    assert untouched(home)


def test_an_unknown_interface_does_not_start(home: Household) -> None:
    """The hint lists those that there are."""
    answer = home.floodwall("run", "--interface", "nosuch0")

    assert answer.returncode == 2
    assert f"there are: {home.interface}" in answer.stderr
    assert untouched(home)


@pytest.mark.parametrize("capability", ["net_admin", "bpf"])
def test_a_missing_capability_is_named(home: Household, capability: str) -> None:
    """Exit code 3, one sentence, nothing touched."""
    wrapper = ("setpriv", f"--bounding-set=-{capability},-sys_admin")
    answer = home.floodwall("run", "--interface", home.interface, wrapper=wrapper)

    assert answer.returncode == 3
    assert f"CAP_{capability.upper()}" in answer.stderr
    assert untouched(home)


def test_a_missing_feature_is_named(home: Household) -> None:
    """A kernel without XDP gets exit code 3."""
    answer = home.floodwall("run", "--interface", home.interface, mask="xdp")

    assert answer.returncode == 3
    assert "xdp: masked" in answer.stderr
    assert untouched(home)


def test_a_lower_rung_protects_and_says_why(home: Household) -> None:
    """Without hand-over the kernel's own cookies are used."""
    daemon = home.daemon(mask="handover,native_xdp")
    (service,) = daemon.plan["services"]

    assert service["mechanism"] == "stack"
    assert service["why"] == "requests cannot be handed over here"
    assert any("masked" in each for each in daemon.plan["interfaces"][0]["refused"])
    home.flood(200)
    assert home.reachable()
    assert daemon.end() == 0


def test_an_interface_that_comes_back_is_protected_again(home: Household) -> None:
    """Under another number, within two seconds."""
    daemon = home.daemon()
    home.rebuild_link()

    assert daemon.wait_for_event(f"attached to {home.interface} again")
    assert eventually(home.reachable)
    assert daemon.end() == 0
    assert untouched(home)


def test_bans_hold_and_are_lifted(home: Household) -> None:
    """A banned neighbour gets nothing through, and everything again after."""
    daemon = home.daemon()
    assert home.floodwall("ban", NEIGHBOUR, "--reason", "a test").returncode == 0
    assert not home.reachable(timeout_s=1)
    listed = home.floodwall("bans").stdout
    assert NEIGHBOUR in listed
    assert "a test" in listed

    assert home.floodwall("unban", NEIGHBOUR).returncode == 0
    assert home.reachable()
    assert home.floodwall("unban", NEIGHBOUR).returncode == 2
    assert daemon.end() == 0


def test_a_ban_expires_in_the_kernel(home: Household) -> None:
    """Also of a prefix, and without anybody's help."""
    daemon = home.daemon()
    assert home.floodwall("ban", "10.99.0.128/25", f"{NEIGHBOUR}", "--for", "2s").returncode == 0

    assert not home.reachable(timeout_s=0.5)
    assert eventually(home.reachable, 6)
    assert daemon.end() == 0


def test_an_allowed_network_overrules_a_ban(home: Household) -> None:
    """And cannot be banned until that is taken back."""
    daemon = home.daemon()
    home.floodwall("ban", NEIGHBOUR)
    assert home.floodwall("allow", NEIGHBOUR).returncode == 0
    assert home.reachable()
    home.floodwall("unban", NEIGHBOUR)
    refused = home.floodwall("ban", NEIGHBOUR)
    assert refused.returncode == 2
    assert "protected: operator's list" in refused.stderr

    assert home.floodwall("allow", "--remove", NEIGHBOUR).returncode == 0
    assert eventually(lambda: home.floodwall("ban", NEIGHBOUR).returncode == 0)
    assert daemon.end() == 0


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (SERVER, "own address"),
        ("10.99.0.2", "gateway"),
        ("10.99.0.0/30", "touches"),
        ("11.0.0.0/8", "wider than /16"),
    ],
)
def test_who_is_protected_cannot_be_banned(home: Household, network: str, reason: str) -> None:
    """Own addresses, gateways, and whatever touches them."""
    daemon = home.daemon()
    refused = home.floodwall("ban", network)

    assert refused.returncode == 2
    assert reason in refused.stderr
    assert daemon.end() == 0


def test_a_live_ssh_peer_cannot_be_banned(home: Household) -> None:
    """Whoever is logged in is not locked out."""
    home.listen("0.0.0.0", 22)
    daemon = home.daemon()
    session = home.connect(port=22)
    assert session
    with session:
        refused = eventually(
            lambda: "SSH peer" in home.floodwall("ban", NEIGHBOUR, "--for", "1s").stderr
        )

    assert refused
    assert daemon.end() == 0
