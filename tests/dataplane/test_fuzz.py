"""A million mutated frames leave program and oracle of one mind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from floodwall.kernel._abi import Reason
from tests.support.fuzz import Outcome

TREE = Path(__file__).resolve().parents[2]
SEED = 20040
_BY_TC = {reason for reason in Reason if reason.name.startswith("TC_")}
_OF_GATEWAYS = {Reason.PASS_UNTRACKED, Reason.PASS_SPLICED, Reason.CHALLENGE_REUSED}


@pytest.mark.root
@pytest.mark.timeout(3600)
def test_program_and_oracle_agree_on_mutated_frames(pytestconfig: pytest.Config) -> None:
    """Verdict, bytes and memory are equal for every frame, and every reason of XDP occurs."""
    frames = int(pytestconfig.getoption("--frames"))
    outcome = _fuzz_on_every_cpu(frames)

    assert outcome.mismatches == []
    assert outcome.frames >= frames
    wanted = set(Reason) - _BY_TC - _OF_GATEWAYS
    assert {reason.name for reason in wanted} == set(outcome.reasons)


def _fuzz_on_every_cpu(frames: int) -> Outcome:
    """Share the frames out to one process and one namespace a CPU."""
    cpus = sorted(os.sched_getaffinity(0))
    share = -(-frames // len(cpus))
    command = [sys.executable, "-m", "tests.support.fuzz", "--frames", str(share)]
    running = [
        subprocess.Popen(
            [*command, "--seed", str(SEED + cpu), "--cpu", str(cpu)],
            cwd=TREE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for cpu in cpus
    ]
    total = Outcome()
    try:
        for process in running:
            printed, _ = process.communicate()
            assert process.returncode == 0, "a fuzz process ended with an error"
            found = json.loads(printed)
            total.frames += found["frames"]
            total.reasons.update(found["reasons"])
            total.mismatches += found["mismatches"]
    finally:
        for process in running:
            process.kill()
            process.wait()
    return total
