"""What `floodwall analyze` does instead of one account."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.cli.analyze_modes import _line
from floodwall.cli.main import main
from floodwall.forensics.account import account_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.watch import Event
from tests.support.evidence import golden_log


def run(*words: str | Path) -> Result:
    """Run the verb."""
    return CliRunner().invoke(main, ["analyze", "--year", "2004", *map(str, words)])


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    """Write the logs of two floods."""
    files = [tmp_path / name for name in ("a.log", "b.log")]
    for seed, file in enumerate(files):
        file.write_text(golden_log(seed, seconds=300, addresses=30).text)
    return files


def test_two_attacks_are_compared(logs: list[Path]) -> None:
    """In a table, or for programs; an attack is an attack."""
    told = run("--compare", *logs)
    assert (told.exit_code, "both are called syn_flood" in told.stdout) == (1, True)
    made = json.loads(run("--json", "--compare", *logs).stdout)
    assert [made[side]["path"] for side in "ab"] == [str(file) for file in logs]


def test_what_cannot_be_read_cannot_be_compared(logs: list[Path], tmp_path: Path) -> None:
    """Which one it is, is told."""
    answer = run("--compare", logs[0], tmp_path / "gone.log")
    assert answer.exit_code == 2
    assert "gone.log cannot be read" in answer.stderr


@pytest.mark.parametrize("words", [("more.log",), ("--html", "x.html"), ("--replay",)])
def test_a_comparison_is_made_alone(logs: list[Path], words: tuple[str, ...]) -> None:
    """No word of the operator is silently left out."""
    answer = run("--compare", *logs, *words)
    assert (answer.exit_code, answer.stdout) == (2, "")


def line_of(process: subprocess.Popen[str], seconds: float = 30.0) -> str:
    """Return the next line that a program prints; fail if it prints none."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    assert ready, "nothing was printed"
    return process.stdout.readline()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_growing_log_is_followed(tmp_path: Path, stop: signal.Signals) -> None:
    """A flood is told while it goes on, and how it ended when the operator stops."""
    log = tmp_path / "kern.log"
    lines = golden_log(seconds=300, addresses=30).text.splitlines(keepends=True)
    log.write_text("Feb 28 07:43:09 nap1 kernel: eth0: link up\n")
    command = [sys.executable, "-m", "floodwall", "analyze", "--year", "2004", "--json"]
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [*command, "--follow", str(log)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        try:
            with log.open("a") as end:
                end.writelines(lines[:40])
            found = json.loads(line_of(process))
            with log.open("a") as end:
                end.writelines(lines[40:60])
            process.send_signal(stop)
            over = json.loads(line_of(process))
            assert process.wait(30) == 1
        finally:
            process.kill()
    assert (found["event"], found["finding"]["kind"]) == ("found", "syn_flood")
    assert (over["event"], over["schema"]) == ("over", "floodwall.follow/1")
    assert over["finding"]["requests"]["observed"] == 30


def test_only_a_log_can_be_followed(tmp_path: Path, logs: list[Path]) -> None:
    """And one at a time."""
    other = tmp_path / "a.pcap"
    other.write_bytes(b"\xd4\xc3\xb2\xa1" + bytes(20))
    for words in (
        (str(other),),
        ("-",),
        (str(tmp_path),),
        tuple(map(str, logs)),
        ("--replay", str(logs[0])),
    ):
        answer = run("--follow", *words)
        assert (answer.exit_code, answer.stdout) == (2, ""), words


def test_a_line_tells_what_happened_in_words(logs: list[Path]) -> None:
    """When, what, against whom, how much."""
    (finding,) = account_of(read_input(str(logs[0]), Options(year=2004))).findings
    line = _line(Event.OVER, finding, as_json=False)
    assert line.startswith("2004-02-28T07:48:10+00:00 over: SYN flood; against unnamed port any; ")
    assert "sources 30 different addresses" in line
