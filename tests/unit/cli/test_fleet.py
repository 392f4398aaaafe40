"""Hosts and inventories become a fleet, or one line that says what is wrong."""

import os
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from floodwall.cli.fleet import Fleet, alone, exit_code, fleet_options
from floodwall.fleet.host import Host, parse_host
from floodwall.fleet.rounds import Visit
from floodwall.fleet.trouble import Kind, Trouble
from tests.support.loopback_ssh import loopback

MISSED: Visit[Any] = Visit(Host("a", "a"), None, Trouble(Kind.LOGIN, "no"))
SEEN: Visit[Any] = Visit(Host("b", "b"), 1)


@pytest.fixture(autouse=True)
def ssh(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be an ssh; nobody is visited here."""
    here = tmp_path_factory.mktemp("bin")
    loopback(here)
    monkeypatch.setenv("PATH", f"{here}:{os.environ['PATH']}")


def run(*arguments: str) -> Result:
    """Run a verb that tells whom it would visit."""

    @click.command()
    @fleet_options
    def verb(*, fleet: Fleet | None) -> None:
        if fleet is None:
            click.echo("here")
            return
        names = ",".join(host.name for host in fleet.hosts)
        click.echo(f"{names} {fleet.parallel} {fleet.wire.timeout_s:g} {fleet.wire.sudo}")

    return CliRunner().invoke(verb, arguments)


def test_without_hosts_it_is_about_this_machine() -> None:
    """And then options about others make no sense."""
    assert run().output == "here\n"
    assert run("--sudo").exit_code == 2


def test_hosts_are_taken_as_they_are_named(tmp_path: Path) -> None:
    """With how they are visited; patterns are looked up in the configuration of ssh."""
    config = tmp_path / "config"
    config.write_text("Host web1 web2 db1\n")
    result = run(
        "web*", "root@x", "--ssh-config", str(config), "--parallel", "3", "--timeout", "1m"
    )
    assert result.output == "web1,web2,root@x 3 60 False\n"


def test_an_inventory_is_chosen_from(tmp_path: Path) -> None:
    """By names and groups; what is not used of it is said."""
    path = tmp_path / "hosts"
    path.write_text("[web]\nw1\nw2\n[db]\nd1 ansible_password=secret\n")
    assert run("--inventory", str(path), "web").stdout.startswith("w1,w2 16 30 ")
    everybody = run("--inventory", str(path))
    assert everybody.stdout.startswith("w1,w2,d1 ")
    assert "ansible_password is not used" in everybody.stderr
    assert "secret" not in everybody.output


def test_a_host_that_is_an_option_of_ssh_is_refused() -> None:
    """Wherever it stands."""
    assert run("-oProxyCommand=id").exit_code == 2
    refused = run("--", "-oProxyCommand=id")
    assert "is no host" in str(refused.exception)


def test_an_empty_inventory_is_an_error(tmp_path: Path) -> None:
    """Nobody looked at is not nothing found."""
    path = tmp_path / "hosts"
    path.write_text("# nobody\n")
    assert "names no host" in str(run("--inventory", str(path)).exception)


def test_without_ssh_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the package."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert "is not installed" in str(run("web1").exception)


@pytest.mark.parametrize(
    ("visits", "found", "ignore", "code"),
    [
        ([SEEN], False, False, 0),
        ([SEEN], True, False, 1),
        ([SEEN, MISSED], False, False, 1),
        ([SEEN, MISSED], True, True, 0),
        ([MISSED], False, False, 3),
        ([MISSED, MISSED], False, True, 3),
    ],
)
def test_not_reached_is_never_fine(
    visits: list[Visit[Any]], *, found: bool, ignore: bool, code: int
) -> None:
    """And nobody reached is nothing known."""
    assert exit_code(visits, found=found, ignore=ignore) == code


def test_options_about_this_machine_go_with_no_host(tmp_path: Path) -> None:
    """The first one that was given is named."""
    fleet = Fleet((parse_host("a"),), loopback(tmp_path), 1)
    alone(None, {"--fix": True})
    alone(fleet, {"--fix": False, "--html": None})
    with pytest.raises(click.UsageError, match="--html is about this machine"):
        alone(fleet, {"--fix": False, "--html": Path("x")})


def test_a_visit_is_made_by_the_rounds(tmp_path: Path) -> None:
    """For all, or for some of them."""
    fleet = Fleet((parse_host("a"), parse_host("b")), loopback(tmp_path), 2)
    assert [visit.result for visit in fleet.visit("x", lambda host: host.name)] == ["a", "b"]
    one = fleet.only(fleet.hosts[:1])
    assert (one.is_one, fleet.is_one) == (True, False)
