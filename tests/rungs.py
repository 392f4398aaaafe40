"""Runs the rungs of the test ladder and prints one screen: bin/test ends here.

Law: a rung that ran zero cases has failed, and so has a rung that is missing.
"""

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support import leaks
from tests.support.tree import ROOT, sources

REPORTS = ROOT / "build" / "test"
CLANG_FORMATS = ("clang-format-19", "clang-format")
PYTHON = (sys.executable, "-m")
APART = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh")
"""Where a process has a /run of its own, so that several can be tested at once."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases of a rung passed, failed and were skipped."""

    passed: int
    failed: int
    skipped: int = 0

    def __add__(self, other: Self) -> Self:
        """Take another part of the same rung in."""
        return type(self)(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    @property
    def good(self) -> bool:
        """Tell whether something ran and nothing failed."""
        return self.passed > 0 and self.failed == 0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one rung; time in seconds."""

    rung: str
    tally: Tally
    seconds: float


def _cpus() -> int:
    return len(os.sched_getaffinity(0))


def _run(command: Sequence[str]) -> bool:
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0


def _count(outcomes: Iterable[bool]) -> Tally:
    seen = list(outcomes)
    return Tally(passed=sum(seen), failed=len(seen) - sum(seen))


def format_rung() -> Tally:
    """Check the layout of all Python, and of each C file."""
    c_files = sources("bpf/*.[ch]", "src/**/*.[ch]")
    tool = next((name for name in CLANG_FORMATS if _exists(name)), CLANG_FORMATS[0])
    return _count(
        [
            _run([*PYTHON, "ruff", "format", "--check", "--quiet", "."]),
            *(_run([tool, "--dry-run", "--Werror", name]) for name in c_files),
        ]
    )


def lint_rung() -> Tally:
    """Run every ruff rule, and compile each BPF program with all warnings as errors."""
    programs = [Path(name).name.removesuffix(".bpf.c") for name in sources("bpf/*.bpf.c")]
    compile_one = "import sys, floodwall.kernel.build as b; b.compile_object(sys.argv[1])"
    return _count(
        [
            _run([*PYTHON, "ruff", "check", "--quiet", "."]),
            *(_run([sys.executable, "-c", compile_one, name]) for name in programs),
        ]
    )


def types_rung() -> Tally:
    """Check types strictly in the package and in its tests."""
    return _count([_run([*PYTHON, "mypy"])])


def pytest_rung(name: str, *options: str) -> Tally:
    """Run the tests under tests/NAME."""
    folder = ROOT / "tests" / name
    if not any(folder.rglob("test_*.py")):
        return Tally(0, 0)
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    _run([*PYTHON, "pytest", "-q", str(folder), f"--junitxml={report}", *options])
    return read_report(report)


def shared_rung(name: str, shares: int, *options: str, apart: bool = False) -> Tally:
    """Run the tests under tests/NAME in so many processes, by file.

    Those of root need a /run of their own (`apart`), and what they leave behind on the machine
    can only be seen when all of them have ended.
    """
    tally = Tally(0, 0)
    running = []
    before = leaks.take_inventory(alone=True) if apart else {}
    for share in range(shares):
        report = REPORTS / f"{name}-{share}.xml"
        report.unlink(missing_ok=True)
        one = [f"--share={share}/{shares}", f"--junitxml={report}", *options]
        command = [*(APART if apart else ()), *PYTHON, "pytest", "-q", str(ROOT / "tests" / name)]
        running.append(
            (report, subprocess.Popen([*command, *one], cwd=ROOT, stdin=subprocess.DEVNULL))
        )
    for report, process in running:
        process.wait()
        tally += read_report(report)
    left = leaks.wait_until_clean(before) if apart else []
    if left:
        print(f"left behind: {', '.join(left)}", flush=True)
    return tally + Tally(0, 1 if left else 0)


def read_report(report: Path) -> Tally:
    """Count the cases in a JUnit report; a report that was never written is a failure."""
    if not report.exists():
        return Tally(0, 1)
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 # pytest just wrote it
    ran = failed = skipped = 0
    for suite in suites:
        ran += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return Tally(max(0, ran - failed - skipped), failed, skipped)


def _exists(tool: str) -> bool:
    return any(
        os.access(Path(folder) / tool, os.X_OK) for folder in os.environ["PATH"].split(os.pathsep)
    )


def _rungs(alone: Sequence[str], *, quick: bool) -> dict[str, Callable[[], Tally]]:
    def unit() -> Tally:
        fast = "not root and not slow" if quick else "not root"
        tally = shared_rung("unit", _cpus(), "-m", fast)
        return tally if quick else tally + rooted("unit", "root")

    def rooted(name: str, which: str) -> Tally:
        if not alone:
            return pytest_rung(name, "-m", which)
        return shared_rung(name, 2 * _cpus(), "-m", which, apart=True)

    return {
        "format": format_rung,
        "lint": lint_rung,
        "types": types_rung,
        "unit": unit,
        # They wait for the kernel more than they compute; those with clocks are kept apart.
        "dataplane": lambda: rooted("dataplane", "not live") + rooted("dataplane", "live"),
        "lab": lambda: pytest_rung("lab", *alone),
        "browser": lambda: pytest_rung("browser", *alone),
    }


QUICK = ("format", "lint", "types", "unit")


def expected_rungs() -> tuple[str, ...]:
    """Return the rungs of a whole run; the browser rung exists as soon as it has a test."""
    has_browser = any((ROOT / "tests" / "browser").glob("test_*.py"))
    return (*QUICK, "dataplane", "lab", *(["browser"] if has_browser else []))


def climb(names: Iterable[str], rungs: dict[str, Callable[[], Tally]]) -> list[Result]:
    """Run the rungs in order, all of them even if one fails: a whole picture is worth the time."""
    results = []
    for name in names:
        print(f"\n== {name} ==", flush=True)
        begun = time.monotonic()
        tally = rungs[name]()
        results.append(Result(name, tally, time.monotonic() - begun))
    return results


def summary(results: Sequence[Result]) -> list[str]:
    """Return the lines of the closing screen; the last one is `N passed, N failed`."""
    lines = [f"{'rung':<10} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}"]
    for result in results:
        tally = result.tally
        verdict = "" if tally.good else "  FAILED" if tally.failed else "  FAILED: no case ran"
        lines.append(
            f"{result.rung:<10} {tally.passed:>7} {tally.failed:>7} {tally.skipped:>8}"
            f" {result.seconds:>8.1f}{verdict}"
        )
    passed = sum(result.tally.passed for result in results)
    failed = sum(result.tally.failed or not result.tally.good for result in results)
    lines += ["", f"{passed} passed, {failed} failed"]
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; 0 if all of it passed, else 1."""
    parser = argparse.ArgumentParser(prog="bin/test", description="Everything that must pass.")
    parser.add_argument(
        "rungs",
        nargs="*",
        metavar="RUNG",
        help="quick (no root, under a minute) or: format lint types unit dataplane lab browser",
    )
    parser.add_argument(
        "--neighbours",
        action="store_true",
        help="others use this machine too: look for leaks among our own processes only",
    )
    options = parser.parse_args(arguments)
    quick = options.rungs == ["quick"]
    rungs = _rungs(() if options.neighbours else ("--alone",), quick=quick)
    names = QUICK if quick else tuple(options.rungs) or expected_rungs()
    if unknown := [name for name in names if name not in rungs]:
        parser.error(f"no such rung: {', '.join(unknown)}; there are quick, {', '.join(rungs)}")
    REPORTS.mkdir(parents=True, exist_ok=True)
    results = climb(names, rungs)
    print("\n" + "\n".join(summary(results)), flush=True)
    return 0 if all(result.tally.good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
