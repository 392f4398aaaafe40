"""The guided fuzzer, for as long as a test may take."""

import subprocess
import sys
from pathlib import Path
from platform import machine
from sys import version_info

import pytest

from tests.support.evidence_seeds import SEEDS
from tests.support.one_input import analyze
from tests.support.tree import ROOT


@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_every_seed_is_read(seed: bytes) -> None:
    """So that the fuzzer begins within the readers, not before them."""
    analyze(seed)


@pytest.mark.slow
@pytest.mark.skipif(machine() != "x86_64" or version_info >= (3, 14), reason="has no atheris")
def test_guided_inputs_raise_nothing(tmp_path: Path) -> None:
    """A few hundred; `python -m tests.support.guided --runs 1000000` for more."""
    command = (sys.executable, "-m", "tests.support.guided", "--runs", "300")
    done = subprocess.run(
        [*command, "--corpus", tmp_path / "corpus"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.rpartition("Done 300")[1]) == (0, "Done 300")
