"""What holds for every test: a time limit, no skips in CI, and nothing left behind by root."""

import os
from collections.abc import Generator, Iterator
from zlib import crc32

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.support import kernel_version, leaks, timeouts, truths
from tests.support.second_look import (  # hooks of pytest
    pytest_configure,
    pytest_runtest_protocol,
    pytest_terminal_summary,
)

__all__ = ["pytest_configure", "pytest_runtest_protocol", "pytest_terminal_summary"]

IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}
TEST_SECONDS = 60.0

settings.register_profile(
    "floodwall",
    deadline=None,  # machines are shared; TEST_SECONDS bounds each test instead
    print_blob=True,
    database=DirectoryBasedExampleDatabase("build/hypothesis"),
)
settings.load_profile("floodwall")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare --alone, which bin/test gives, and --frames and --inputs for long fuzz runs."""
    parser.addoption(
        "--alone",
        action="store_true",
        help="nobody else uses this machine: look for leaks on all of it",
    )
    parser.addoption(
        "--frames",
        default=1_000_000,
        type=int,
        help="mutated frames that the data plane and its oracle are compared over",
    )
    parser.addoption(
        "--share",
        default=(0, 1),
        type=_share,
        metavar="I/N",
        help="only the tests of this share, so that N processes run all of them",
    )
    parser.addoption(
        "--cases",
        default=5,
        type=int,
        help="made-up requests for each call of the console's API",
    )
    parser.addoption(
        "--inputs",
        default=5_000,
        type=int,
        help="mutated logs, dumps and captures that `analyze` must read without an error",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take our share, and skip what cannot run here: as a user, or on an older kernel."""
    share, shares = config.getoption("--share")
    items[:] = [item for item in items if crc32(_lot(item).encode()) % shares == share]
    for item in items:
        if item.get_closest_marker("root") and os.geteuid() != 0:
            item.add_marker(pytest.mark.skip(reason="needs root"))
        needed = item.get_closest_marker("kernel")
        if needed and not kernel_version.at_least(needed.args[0]):
            reason = f"{kernel_version.OLDER} {needed.args[0]}"
            item.add_marker(pytest.mark.skip(reason=reason))


def _lot(item: pytest.Item) -> str:
    """Return what stays together: all cases of one test function."""
    return f"{item.path.name} {getattr(item, 'originalname', item.name)}"


def _share(text: str) -> tuple[int, int]:
    share, _, shares = text.partition("/")
    return int(share), int(shares)


def _limit(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else TEST_SECONDS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Bound the fixtures' time."""
    with timeouts.limit(_limit(item), f"set-up of {item.name}"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Bound the test's own time."""
    with timeouts.limit(_limit(item), item.name):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Bound the time to clean up."""
    with timeouts.limit(_limit(item), f"clean-up of {item.name}"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure in CI, but where the kernel or a folder of data is not here."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if kernel_version.OLDER not in reason and truths.ABSENT not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {reason}"
    return report


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a root test that leaves a namespace, BPF object, mount, device or process behind."""
    if request.node.get_closest_marker("root") is None:
        yield
        return
    before = leaks.take_inventory(alone=request.config.getoption("--alone"))
    yield
    left = leaks.wait_until_clean(before)
    if left:
        pytest.fail("left behind: " + ", ".join(left), pytrace=False)
