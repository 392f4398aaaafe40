"""Reading a kernel log of a flood: against grep and wc, and against the usual pipeline."""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.table import Row, Table

WORDS = "drop open request"
PIPELINE = f"grep '{WORDS}' $0 | sed 's/.* from //; s,/.*,,' | sort | uniq -c | sort -rn | head"
READ = """
import sys
from floodwall.forensics import inputs
from floodwall.forensics.logs import fast
inputs.workers = lambda: 1
if sys.argv[2] == "numpy":
    fast.scanner = lambda: None
from floodwall.forensics.account import account_of
account = account_of(inputs.read_input(sys.argv[1], inputs.Options()))
print(account.findings[0].requests.total, account.findings[0].sources.distinct)
"""


def lines(count: int, seed: int = 1) -> Iterator[bytes]:
    """Make a log: six of ten lines are dropped requests, one counts what was suppressed."""
    chance = random.Random(seed)
    pool = [
        b"%d.%d.%d.%d" % tuple(chance.randrange(1, 224) for _ in range(4)) for _ in range(5_000)
    ]
    for number in range(count):
        second = number // 1_400
        clock = (second // 3_600 % 24, second // 60 % 60, second % 60)
        head = b"Feb 28 %02d:%02d:%02d nap1 " % clock
        draw = chance.random()
        if draw < 0.6:
            source = pool[int(5_000 * chance.random() ** 2)], 1_024 + int(64_000 * chance.random())
            yield head + b"kernel: TCP: drop open request from %s/%d\n" % source
        elif draw < 0.7:
            yield head + b"kernel: NET: %d messages suppressed.\n" % int(2_000 * chance.random())
        elif draw < 0.85:
            yield (
                head + b"sshd[%d]: Failed password for root from 192.0.2.7 port 22 ssh2\n" % number
            )
        else:
            yield head + b"kernel: eth0: link up, 100Mbps, full-duplex, lpa 0x41E1\n"


def seconds(*command: str) -> float:
    """Return the processor time of a command and its children; other work here counts less so.

    Its output goes through a pipe: grep stops at the first match when nobody listens.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.PIPE, env=_environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}  # the fastest that grep and sort can be


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "kern.log"))
        with Path(file).open("wb", 1 << 20) as log:
            log.writelines(lines(chosen.lines))
        python = (sys.executable, "-c", READ, file)
        subjects: dict[str, Callable[[], float]] = {
            "wc -l, then grep -c": lambda: (
                seconds("wc", "-l", file) + seconds("grep", "-c", WORDS, file)
            ),
            "grep | sed | sort | uniq -c": lambda: seconds("sh", "-c", PIPELINE, file),
            "floodwall analyze": lambda: seconds(*python, "C"),
            "floodwall analyze, no compiler": lambda: seconds(*python, "numpy"),
        }
        turns: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(chosen.turns):
            for name, measure in subjects.items():
                turns[name].append(measure())
    rows = [Row(name, taken) for name, taken in turns.items()]
    table = Table(f"{chosen.lines:,} lines of a kernel log", "CPU s", rows)
    print(table.json() if chosen.json else "\n".join(table.lines()))


if __name__ == "__main__":
    main()
