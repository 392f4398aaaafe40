"""Guided fuzzing of `analyze`, from the bytes of a file to the JSON of its account.

`python -m tests.support.guided --runs 1000000` needs atheris, which sees
which branches an input took and goes on from those that took new ones.  It ends at the first
exception, with the input in a file.
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

_LONGEST = 4_096  # bytes of an input: room for headers, tables and a dozen lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Fuzz for so many runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=0, help="0: as long as the runs take")
    parser.add_argument("--seed", type=int, default=20_040_228)
    parser.add_argument("--corpus", type=Path, help="keep what took new branches here, and go on")
    chosen = parser.parse_args(arguments)
    atheris = import_module("atheris")  # nobody else needs it
    with atheris.instrument_imports(include=["floodwall.forensics"]):
        # They are instrumented as they are read, so nothing may have read them before.
        from tests.support.evidence_seeds import SEEDS
        from tests.support.one_input import analyze

    warnings.simplefilter("error")  # numpy's warnings would be numbers that are wrong
    with tempfile.TemporaryDirectory() as scratch:
        corpus = chosen.corpus or Path(scratch)
        corpus.mkdir(exist_ok=True)
        for number, content in enumerate(SEEDS):
            (corpus / f"seed-{number:03}").write_bytes(content)
        options = (
            f"-atheris_runs={chosen.runs}",
            f"-seed={chosen.seed}",
            f"-max_len={_LONGEST}",
            f"-max_total_time={chosen.seconds}",
            "-timeout=20",
            "-rss_limit_mb=4000",  # atheris itself keeps some 7 KB a run
            "-print_final_stats=1",
        )
        atheris.Setup([sys.argv[0], *options, str(corpus)], analyze)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
