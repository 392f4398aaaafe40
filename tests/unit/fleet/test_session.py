"""A session is bounded in size and time, and what is not an answer is told."""

import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from floodwall.fleet.host import Host, parse_host
from floodwall.fleet.session import Wire, talk
from floodwall.fleet.trouble import Kind, TroubleError
from tests.support.loopback_ssh import calls, loopback

ENOUGH = 1 << 20


def trouble(wire: Wire, name: str, script: str = ":") -> TroubleError:
    """Return what goes wrong at a host."""
    with pytest.raises(TroubleError) as caught:
        talk(parse_host(name), script, wire, ENOUGH)
    return caught.value


def test_a_script_is_run_and_its_answer_and_exit_code_come_back(tmp_path: Path) -> None:
    """Whatever the shell says in greeting; and nothing can be read by the script."""
    answer = talk(
        parse_host("away"), "echo one; cat; echo 'two'\nexit 7", loopback(tmp_path), ENOUGH
    )
    assert (answer.text, answer.code) == ("one\ntwo\n", 7)


def test_a_long_script_and_a_long_answer_pass_at_the_same_time(tmp_path: Path) -> None:
    """Neither waits for the other."""
    script = f"printf '%s' '{'x' * 500_000}'"
    answer = talk(parse_host("away"), script, loopback(tmp_path), ENOUGH)
    assert len(answer.text) == 500_000


def test_a_script_that_arrives_in_part_does_nothing(tmp_path: Path) -> None:
    """It is a function that is called in the last line."""
    mark = tmp_path / "ran"
    half = "floodwall() {\ntouch " + str(mark) + "\necho more"
    done = subprocess.run(["sh"], input=half, text=True, capture_output=True, check=False)
    assert done.returncode != 0
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("stranger", Kind.UNKNOWN_KEY),
        ("changed", Kind.CHANGED_KEY),
        ("keyless", Kind.LOGIN),
        ("down", Kind.UNREACHABLE),
        ("cut", Kind.ANSWER),
        ("hostile", Kind.UNREACHABLE),
        ("sudoer", Kind.PRIVILEGE),
    ],
)
def test_what_goes_wrong_has_a_kind(tmp_path: Path, name: str, kind: Kind) -> None:
    """And is printable."""
    found = trouble(loopback(tmp_path), name).trouble
    assert found.kind is kind
    assert found.text.isprintable()


def test_the_fingerprint_is_looked_up_where_the_configuration_leads(tmp_path: Path) -> None:
    """An alias is not what ssh-keyscan understands."""
    hint = trouble(loopback(tmp_path), "stranger").trouble.hint
    assert hint.startswith("ssh-keyscan -p 2222 real.example | ssh-keygen -lf - ")


def test_silence_ends_in_time(tmp_path: Path) -> None:
    """And what was started is gone."""
    begun = time.monotonic()
    assert trouble(loopback(tmp_path, timeout_s=0.3), "silent").trouble.kind is Kind.TIMEOUT
    assert time.monotonic() - begun < 10


def test_an_endless_answer_is_cut(tmp_path: Path) -> None:
    """Long before it fills the memory."""
    found = trouble(loopback(tmp_path), "endless").trouble
    assert (found.kind, found.text) == (Kind.ANSWER, "it said more than 1 MiB")


def test_whoever_stops_us_does_not_wait(tmp_path: Path) -> None:
    """For Ctrl-C."""
    wire = loopback(tmp_path)
    wire.stop.set()
    assert trouble(wire, "silent").trouble.text == "we were stopped"


def test_a_shared_connection_that_stays_is_not_waited_for(tmp_path: Path) -> None:
    """ControlPersist keeps the standard error open."""
    begun = time.monotonic()
    answer = talk(parse_host("shared"), "echo 1", loopback(tmp_path), ENOUGH)
    os.kill(int((tmp_path / "shared").read_text()), signal.SIGKILL)
    assert answer.text == "1\n"
    assert time.monotonic() - begun < 20


def test_ssh_is_called_so_that_it_asks_and_forwards_nothing(tmp_path: Path) -> None:
    """And host keys are the user's configuration's business alone."""
    wire = replace(loopback(tmp_path), config=Path("my config"), sudo=True)
    host = Host("x", "away", user="ops", port=2222, key="k")
    assert "sudo -n sh" in " ".join(wire.command(host))
    talk(parse_host("away"), ":", replace(wire, sudo=False), ENOUGH)
    said = calls(tmp_path)[0]
    for option in ("BatchMode=yes", "ForwardAgent=no", "ClearAllForwardings=yes"):
        assert f"-o {option}" in said
    assert said.startswith("-F my config ")
    assert said.endswith(" -- away sh")
    assert "HostKey" not in said
    assert "ControlPath" not in said
    words = wire.command(host, fresh=True)
    arguments = ["-p", "2222", "-l", "ops", "-i", "k", "--", "away"]
    assert words[-11:] == [*arguments, "sudo", "-n", "sh"]
    assert "ControlPath=none" in words


def test_a_host_that_is_refused_is_not_visited(tmp_path: Path) -> None:
    """Nothing is started at all."""
    with pytest.raises(TroubleError, match="why"):
        talk(Host("x", "away", refused="why"), ":", loopback(tmp_path), ENOUGH)
    assert not (tmp_path / "calls").exists()
