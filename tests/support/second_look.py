"""A second look at live tests: those that real daemons, clients and clocks can fail by bad luck.

A packet that an overloaded machine loses, or a CPU that the host takes away for a second, fails
one of them now and then.  Law: a second attempt is told, never silent, and there are few of them,
so that what fails often fails the run.
"""

from dataclasses import dataclass, field

import pytest
from _pytest.runner import runtestprotocol

MOST = 3
"""Second attempts in one run; a fourth failure is nobody's bad luck."""

LINES, WIDTH = 12, 300
"""So much of a first failure is told."""


@dataclass(frozen=True, slots=True)
class Looks:
    """The first failures of this run that were looked at again, with what they said."""

    first: list[tuple[str, str]] = field(default_factory=list)


LOOKS = pytest.StashKey[Looks]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for the first failures."""
    config.stash[LOOKS] = Looks()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a live test, and once more if it failed and there are looks left."""
    if item.get_closest_marker("live") is None:
        return None
    looks = item.config.stash[LOOKS].first
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    failed = [report for report in reports if report.failed]
    if failed and len(looks) < MOST:
        looks.append((item.nodeid, failed[0].longreprtext))
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell which tests were looked at twice, and why."""
    looks = terminalreporter.config.stash[LOOKS].first
    if not looks:
        return
    terminalreporter.section("failed at first, and were run once more")
    for name, text in looks:
        terminalreporter.write_line(name)
        for line in text.splitlines()[-LINES:]:
            terminalreporter.write_line(line[:WIDTH])
