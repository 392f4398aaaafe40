"""Tests the tests: seeds known bugs in the data plane and shows which of them are noticed.

    python -m tests.dataplane.mutations                  every bug; takes some minutes
    python -m tests.dataplane.mutations "never-ban"      those whose name contains the word

A mutant is first given to the fuzz, which is fast, and if that notices nothing to the cases.
Exit code 1 if less than 95 % are noticed or a mutant no longer fits the sources.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path
from queue import SimpleQueue

from floodwall.core.errors import FloodwallError
from floodwall.kernel.build import compile_object
from tests.dataplane.mutant import Mutant
from tests.dataplane.mutants import MUTANTS
from tests.support.subject import OBJECT_VARIABLE

TREE = Path(__file__).resolve().parents[2]
NOTICED_MIN = 0.95
FUZZ_FRAMES = 60_000
CASES = (
    *("test_parse.py", "test_rules.py", "test_debts.py", "test_cookies.py", "test_replies.py"),
    *("test_connections.py", "test_arming.py", "test_budgets.py", "test_handshakes.py"),
    *("test_handover.py", "test_rates.py", "test_evasion.py"),
)


class Fate(Enum):
    """What became of a mutant."""

    FUZZ = "noticed by the fuzz"
    CASES = "noticed by the cases"
    LIVES = "NOT NOTICED"
    STALE = "OUT OF DATE: the old text is not in the source"
    BROKEN = "does not compile"


CONTROL = Mutant("nothing", "abi.h", "enum fw_limit {", "enum fw_limit {")


def judge(mutant: Mutant, cpu: int) -> Fate:
    """Build the mutant and find out who notices it."""
    with tempfile.TemporaryDirectory(prefix="floodwall-mutant-") as scratch:
        tree = Path(scratch)
        shutil.copytree(TREE / "bpf", tree / "bpf")
        source = tree / "bpf" / mutant.file
        text = source.read_text()
        if text.count(mutant.old) != mutant.times:
            return Fate.STALE
        source.write_text(text.replace(mutant.old, mutant.new))
        try:
            made = compile_object("floodwall", tree)
        except FloodwallError:
            return Fate.BROKEN
        return _try(made, cpu)


def _try(made: Path, cpu: int) -> Fate:
    environment = {**os.environ, OBJECT_VARIABLE: str(made)}
    fuzz = [sys.executable, "-m", "tests.support.fuzz", "--frames", str(FUZZ_FRAMES)]
    found = _run([*fuzz, "--brief", "--cpu", str(cpu)], environment)
    if found.returncode or '"mismatches": []' not in found.stdout:
        return Fate.FUZZ
    cases = [f"tests/dataplane/{name}" for name in CASES]
    pytest = ["taskset", "-c", str(cpu), sys.executable, "-m", "pytest", "-q", "-x", *cases]
    return Fate.CASES if _run(pytest, environment).returncode else Fate.LIVES


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, cwd=TREE, capture_output=True, text=True, check=False
    )


def main() -> int:
    """Judge the chosen mutants, one on each CPU at a time, and print what became of them."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [mutant for mutant in MUTANTS if wanted in mutant.name]
    cpus: SimpleQueue[int] = SimpleQueue()
    for cpu in os.sched_getaffinity(0):
        cpus.put(cpu)

    def on_a_free_cpu(mutant: Mutant) -> Fate:
        cpu = cpus.get()
        try:
            return judge(mutant, cpu)
        finally:
            cpus.put(cpu)

    if judge(CONTROL, min(os.sched_getaffinity(0))) is not Fate.LIVES:
        sys.stdout.write("the tests fail without any bug: nothing can be said\n")
        return 1
    fates = []
    with ThreadPoolExecutor(cpus.qsize()) as pool:
        for mutant, fate in zip(chosen, pool.map(on_a_free_cpu, chosen), strict=True):
            fates.append(fate)
            sys.stdout.write(f"{mutant.file:16} {mutant.name:40} {fate.value}\n")
            sys.stdout.flush()
    noticed = sum(fate in {Fate.FUZZ, Fate.CASES} for fate in fates)
    sys.stdout.write(f"{noticed} of {len(fates)} noticed\n")
    sound = not {Fate.STALE, Fate.BROKEN} & set(fates)
    return int(not sound or noticed < NOTICED_MIN * len(fates))


if __name__ == "__main__":
    sys.exit(main())
