"""`floodwall lab`."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from floodwall.cli import lab
from floodwall.core.errors import ConfigError, NotSupported
from floodwall.lab import prerequisites
from floodwall.lab.result import Row, ScenarioResult
from floodwall.lab.run import Request
from floodwall.lab.scenarios import BY_NAME
from tests.support import rehearsals


@pytest.fixture(autouse=True)
def _noted_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nothing here pass for a rehearsal of this machine."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Return the requests that would be run; each is told to have gone well."""
    seen: list[Request] = []

    def pretend(request: Request, _tell: object) -> ScenarioResult:
        seen.append(request)
        rows = (rehearsals.row(kind) for kind in request.rows)
        return rehearsals.result(*rows, scenario=request.scenario.name)

    monkeypatch.setattr(lab, "run_scenario", pretend)
    monkeypatch.setattr(prerequisites, "require", lambda: None)
    return seen


def run(*arguments: str, folder: Path) -> str:
    """Run the verb, with its pictures in a folder, and return what it printed."""
    pictures = ("--svg", f"{folder}/lab.svg", "--png", f"{folder}/lab.png")
    done = CliRunner().invoke(lab.command, ["run", *arguments, *pictures], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_list_names_every_scenario() -> None:
    """For people and for programs."""
    plain = CliRunner().invoke(lab.command, ["list"]).stdout
    names = [
        one["name"]
        for one in json.loads(CliRunner().invoke(lab.command, ["list", "--json"]).stdout)
    ]

    assert [line.split()[0] for line in plain.splitlines()] == names
    assert "midflood" in names


def test_without_a_name_it_shows_quiet_and_spoofed(requests: list[Request], tmp_path: Path) -> None:
    """On the kernel twice and on Floodwall, with one picture in two forms."""
    text = run(folder=tmp_path)

    assert [request.scenario.name for request in requests] == ["quiet", "spoofed"]
    assert {request.rows for request in requests} == {(Row.OFF, Row.ON, Row.FLOODWALL)}
    assert "kernel, cookies off" in text
    assert (tmp_path / "lab.svg").read_text().startswith("<svg")
    assert (tmp_path / "lab.png").read_bytes().startswith(b"\x89PNG")


def test_the_options_reach_the_run(requests: list[Request], tmp_path: Path) -> None:
    """Rows, rate, length, form, place in the kernel, checksums."""
    run("classic", "--rows", "on,floodwall", "--rate", "max", "--seconds", "3", "--generic",
        "--full", "--checksum-offload", folder=tmp_path)  # fmt: skip
    (request,) = requests

    assert request.rows == (Row.ON, Row.GENERIC)
    assert request.scenario.floods[0].rate_pps is None
    assert (request.seconds, request.full, request.options.checksum_offload) == (3.0, True, True)


def test_a_gateway_has_rows_of_its_own(requests: list[Request], tmp_path: Path) -> None:
    """Beside what stands on it alone; scenarios about a server's processes are left out."""
    run("all", "--gateway", folder=tmp_path)

    assert requests[0].rows == (Row.OFF, Row.ON, Row.SYNPROXY, Row.FLOODWALL)
    assert all(request.options.gateway for request in requests)
    assert not {"slow-app", "connect-flood", "never-ban"} & {
        request.scenario.name for request in requests
    }


def test_synproxy_stands_on_gateways_only(requests: list[Request], tmp_path: Path) -> None:
    """On a host it has nothing to forward to."""
    with pytest.raises(ConfigError, match="row of gateways"):
        run("spoofed", "--rows", "synproxy", folder=tmp_path)
    assert not requests


def test_json_is_for_programs(requests: list[Request], tmp_path: Path) -> None:
    """Every figure of every row."""
    found = json.loads(run("crowd", "--json", folder=tmp_path))

    assert len(requests) == len(found) == 1
    assert found[0]["rows"][2]["row"] == "floodwall"
    assert found[0]["rows"][2]["service"]["succeeded"] == 1000


@pytest.mark.slow
def test_all_runs_all(requests: list[Request], tmp_path: Path) -> None:
    """In the order of the list."""
    run("all", folder=tmp_path)

    assert [request.scenario.name for request in requests] == list(BY_NAME)


@pytest.mark.usefixtures("requests")
def test_a_missed_bar_is_exit_code_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After the table and the picture."""
    leaking = rehearsals.result(rehearsals.row())
    monkeypatch.setattr(ScenarioResult, "met", False)
    monkeypatch.setattr(lab, "run_scenario", lambda _request, _tell: leaking)
    pictures = ["--svg", f"{tmp_path}/x.svg", "--png", f"{tmp_path}/x.png"]
    done = CliRunner().invoke(lab.command, ["run", "quiet", *pictures])

    assert done.exit_code == 1
    assert "MISSED" in done.stdout


@pytest.mark.usefixtures("requests")
def test_an_unknown_scenario_is_the_operator_s_mistake() -> None:
    """With the way to the names."""
    with pytest.raises(ConfigError, match="there is no scenario nonsense"):
        CliRunner().invoke(lab.command, ["run", "nonsense"], catch_exceptions=False)


@pytest.mark.usefixtures("requests")
@pytest.mark.parametrize("wrong", [["--rows", "bsd"], ["--rate", "fast"], ["--rate", "-1"]])
def test_impossible_values_are_refused(wrong: list[str]) -> None:
    """With the possible ones."""
    assert CliRunner().invoke(lab.command, ["run", *wrong]).exit_code == 2


def test_without_root_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3 by the entry point."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotSupported):
        CliRunner().invoke(lab.command, ["run"], catch_exceptions=False)


def test_each_verdict_is_told_when_it_is_known_and_ctrl_c_keeps_them(
    requests: list[Request], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody waits ten minutes for nothing; a rehearsal that was cut short counts for none."""

    def until_ctrl_c(request: Request, _tell: object) -> ScenarioResult:
        if len(requests) == 2:
            raise KeyboardInterrupt
        requests.append(request)
        rows = (rehearsals.row(kind) for kind in request.rows)
        return rehearsals.result(*rows, scenario=request.scenario.name)

    monkeypatch.setattr(lab, "run_scenario", until_ctrl_c)
    arguments = ["run", "all", "--json", "--svg", f"{tmp_path}/a.svg", "--png", f"{tmp_path}/a.png"]
    done = CliRunner().invoke(lab.command, arguments)

    assert done.exit_code == 130
    assert [one["scenario"] for one in json.loads(done.stdout)] == ["quiet", "classic"]
    assert "stopped: 2 of " in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("met")]) == 2
    assert not list(tmp_path.rglob("state"))
