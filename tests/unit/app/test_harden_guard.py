"""The guard of a trial takes it back in time."""

import os
import time
from pathlib import Path

import pytest

from floodwall.app.harden_guard import guard_trial, watch
from floodwall.app.hardening import Hardening
from floodwall.audit.plan import Plan
from floodwall.audit.profile import Profile

EMPTY = Plan(Profile.WEB, (), None, "# ours\n")


def soon() -> int:
    """Return a moment in a fifth of a second."""
    return time.monotonic_ns() + 200_000_000


def test_a_trial_that_nobody_keeps_is_ended(tmp_path: Path) -> None:
    """At its deadline."""
    hardening, deadline = Hardening(tmp_path), soon()
    list(hardening.begin_trial(EMPTY, deadline))
    assert watch(hardening, deadline)
    assert hardening.trial_deadline_ns() is None
    assert hardening.ours() is None


def test_a_trial_that_is_kept_is_left_alone(tmp_path: Path) -> None:
    """The file stays."""
    hardening, deadline = Hardening(tmp_path), soon()
    list(hardening.begin_trial(EMPTY, deadline))
    list(hardening.keep())
    assert not watch(hardening, deadline)
    assert hardening.ours() == "# ours\n"


def test_the_trial_of_another_guard_is_not_its_business(tmp_path: Path) -> None:
    """It leaves at once."""
    hardening = Hardening(tmp_path)
    list(hardening.begin_trial(EMPTY, soon() + 10**12))
    assert not watch(hardening, soon() + 10**11)
    assert hardening.trial_deadline_ns() is not None


@pytest.mark.slow
def test_it_is_a_process_of_its_own(tmp_path: Path) -> None:
    """In a session of its own, so that a lost SSH session does not end it."""
    deadline = time.monotonic_ns() + 10**9
    pid = guard_trial(deadline, tmp_path)
    hardening = Hardening(tmp_path)
    list(hardening.begin_trial(EMPTY, deadline))
    assert os.getsid(pid) == pid
    assert os.waitpid(pid, 0) == (pid, 0)
    assert hardening.trial_deadline_ns() is None
