"""The real daemon: it starts, obeys signals, refuses what it must, and leaves nothing."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.household import PORT, Household

pytestmark = [pytest.mark.root, pytest.mark.live]


def test_it_leaves_the_machine_as_it_was(home: Household) -> None:
    """SYN cookies are on while it runs, and what they were afterwards."""
    home.sysctl("net.ipv4.tcp_syncookies", "0")
    daemon = home.daemon()

    assert home.sysctl("net.ipv4.tcp_syncookies") == "1"
    assert daemon.end(signal.SIGTERM) == 0
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
    assert home.is_untouched()


def test_a_second_daemon_is_refused(home: Household) -> None:
    """The refusal names the first one, which goes on."""
    daemon = home.daemon()
    second = home.floodwall("run", "--interface", home.interface)

    assert second.returncode == 2
    assert "already runs in this network namespace (pid " in second.stderr
    assert home.status()[0] == 0
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
    assert home.is_untouched()


def test_an_unknown_interface_does_not_start(home: Household) -> None:
    """The hint lists those that there are."""
    answer = home.floodwall("run", "--interface", "nosuch0")

    assert answer.returncode == 2
    assert f"there are: {home.interface}" in answer.stderr
    assert home.is_untouched()


@pytest.mark.parametrize("capability", ["net_admin", "bpf"])
def test_a_missing_capability_is_named(home: Household, capability: str) -> None:
    """Who insists on XDP gets exit code 3, one sentence, nothing touched."""
    wrapper = ("setpriv", f"--bounding-set=-{capability},-sys_admin")
    arguments = ("run", "--interface", home.interface, "--mode", "generic")
    answer = home.floodwall(*arguments, wrapper=wrapper)

    assert answer.returncode == 3
    assert f"CAP_{capability.upper()}" in answer.stderr
    assert home.is_untouched()


def test_a_missing_feature_is_named(home: Household) -> None:
    """Who insists on XDP where there is none gets exit code 3."""
    arguments = ("run", "--interface", home.interface, "--mode", "generic")
    answer = home.floodwall(*arguments, mask="xdp")

    assert answer.returncode == 3
    assert "xdp: masked" in answer.stderr
    assert home.is_untouched()
