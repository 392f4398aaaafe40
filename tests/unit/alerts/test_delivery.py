"""One delivery in a process of its own; here by a hook, which needs no network."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from floodwall.alerts.delivery import PATIENCE_S, Delivery, Outcome, Parcel, deliver
from floodwall.core.alert_targets import Target
from tests.support.alerts import AlertBook, flood


def parcel() -> Parcel:
    """Return the alert of a flood."""
    (started,) = (AlertBook() >> flood(0)).messages
    return Parcel("7", started, "web1")


def hook(folder: Path, script: str, mode: int = 0o700) -> Target:
    """Make a target of a shell script."""
    file = folder / "a hook; rm -rf $HOME"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(mode)
    return Target.model_validate({"exec": str(file)})


def test_a_hook_gets_the_alert_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its standard input as JSON, in a few variables; its name is no shell's business."""
    monkeypatch.setenv("SECRET_OF_THE_OPERATOR", "x")
    target = hook(tmp_path, f"cat > {tmp_path}/given; env > {tmp_path}/env; pwd > {tmp_path}/pwd")

    assert deliver(target, parcel()) == Outcome()
    told = json.loads((tmp_path / "given").read_text())
    assert told["event"] == "started"
    assert told["users"].startswith("Yes")
    environment = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert environment["FLOODWALL_KEY"] == "incident:*:443 nginx"
    assert "SECRET_OF_THE_OPERATOR" not in environment
    assert (tmp_path / "pwd").read_text() == "/\n"


def test_a_hook_that_fails_is_told(tmp_path: Path) -> None:
    """By its exit code."""
    assert deliver(hook(tmp_path, "exit 7"), parcel()).why == "ended with 7"


def test_a_hook_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    """Its children too: they are of its group."""
    target = hook(tmp_path, f"sleep 600 & echo $! > {tmp_path}/pid; wait")
    now_s = [0.0]
    delivery = Delivery(target, parcel(), clock=lambda: now_s[0])
    _until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    assert delivery.poll() is None
    now_s[0] = PATIENCE_S
    outcome = delivery.poll()

    assert outcome is not None
    assert outcome.why == "no answer in time"
    child = int((tmp_path / "pid").read_text())
    _until(lambda: not _lives(child))


def test_a_hook_that_reads_nothing_and_writes_much_holds_nobody_up(tmp_path: Path) -> None:
    """Its output goes nowhere."""
    target = hook(tmp_path, "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2")
    assert deliver(target, parcel()).arrived


@pytest.mark.parametrize("mode", [0o720, 0o702])
def test_a_hook_that_others_may_write_is_not_started(tmp_path: Path, mode: int) -> None:
    """Whoever can write it would act as us."""
    target = hook(tmp_path, f"touch {tmp_path}/ran", mode)

    assert deliver(target, parcel()).why == (
        "cannot be started: it is no regular file, or others may write it"
    )
    assert not (tmp_path / "ran").exists()


def test_words_that_are_no_text_fail_alone(tmp_path: Path) -> None:
    """What cannot be put into an environment ends this delivery, and not the process."""
    given = parcel()
    odd = Parcel("7", replace(given.message, key="incident:\ud800"), given.host)
    assert deliver(hook(tmp_path, "true"), odd).why == "cannot be started: its words are no text"


def test_a_hook_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As the kernel says it."""
    target = Target.model_validate({"exec": str(tmp_path / "gone")})
    assert deliver(target, parcel()).why == "cannot be started: No such file or directory"
    assert deliver(hook(tmp_path, "", 0o600), parcel()).why == (
        "cannot be started: Permission denied"
    )


def _until(met: Callable[[], bool]) -> None:
    """Wait until something is as it should be; a busy machine takes its time."""
    deadline_s = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    """Tell whether a process runs; one that waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}
