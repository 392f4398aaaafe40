"""What holds now against what will hold after the next boot."""

from collections.abc import Iterator
from typing import Final

from floodwall.audit.check import Check, Outcome, Severity, finding, passed
from floodwall.audit.columns import columns
from floodwall.audit.facts import Facts, UnreadError, known
from floodwall.audit.reader import WATCHED

_FILES: Final = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/lib/sysctl.d", "/etc/sysctl.conf")


def _boot(facts: Facts) -> Iterator[Outcome]:
    known(facts.persisted)
    rows = list(columns(facts))
    if not rows:
        raise UnreadError("no sysctl could be read")
    for row in rows:
        if not row.differs:
            continue
        where = row.place or "no file sets it, and the kernel begins with that"
        text = f"{row.runtime} now, {row.after_boot} after the next boot ({where})"
        yield finding(
            text, row.name, fix=f"write {row.name} = {row.runtime} into the file, or undo it"
        )
    if not any(row.differs for row in rows):
        yield passed(f"{len(rows)} values hold after the next boot, too")


def _idle(facts: Facts) -> Iterator[Outcome]:
    lines = known(facts.persisted).idle
    for line in lines:
        yield finding(f"{line.name} = {line.value}: nothing reads this file at boot", line.place)
    if not lines:
        yield passed("every file with settings is read at boot")


def _overruled(facts: Facts) -> Iterator[Outcome]:
    persisted = known(facts.persisted)
    found = [line for line in persisted.overruled if line.name in WATCHED]
    for line in found:
        winner = persisted.winners[line.name]
        text = f"{line.name} = {line.value} is overruled by {winner.place} with {winner.value}"
        yield finding(text, line.place)
    if not found:
        yield passed("no file overrules another one")


def _broken(facts: Facts) -> Iterator[Outcome]:
    places = known(facts.persisted).broken
    for place in places:
        yield finding("this line is no setting, and does nothing", place)
    if not places:
        yield passed("every line is a setting")


CHECKS: Final = (
    Check(
        id="boot-values",
        title="What holds now holds after the next boot",
        severity=Severity.MEDIUM,
        reads=_FILES,
        expected="runtime value, persisted value and the file that wins agree",
        why="Values that somebody set during an attack are gone after the reboot that follows it, "
        "and values in a file that nobody applied do not hold yet.",
        source="systemd-sysctl(8), sysctl.d(5), sysctl(8); defaults from the kernel's source",
        kernels="all",
        fix="floodwall harden, or write the value into a file in /etc/sysctl.d",
        judge=_boot,
    ),
    Check(
        id="idle-files",
        title="No settings stand where nothing reads them",
        severity=Severity.MEDIUM,
        reads=("/etc/sysctl.conf", "/etc/sysctl.d/99-sysctl.conf"),
        expected="nothing in /etc/sysctl.conf where systemd boots and no link leads to it",
        why="systemd-sysctl does not read /etc/sysctl.conf; Debian's link to it went with 13.",
        source="systemd-sysctl(8)",
        kernels="all",
        fix="move the lines to a file in /etc/sysctl.d",
        judge=_idle,
    ),
    Check(
        id="overruled-lines",
        title="No file overrules another one",
        severity=Severity.LOW,
        reads=_FILES,
        expected="one value for each sysctl",
        why="Order is by file name, whatever the directory: 50-x in /usr/lib beats 10-y in /etc.",
        source="sysctl.d(5)",
        kernels="all",
        fix="keep one of the two lines",
        judge=_overruled,
    ),
    Check(
        id="broken-lines",
        title="Every line of the sysctl files is a setting",
        severity=Severity.LOW,
        reads=_FILES,
        expected="name = value",
        why="A line that is skipped at boot looks like one that holds.",
        source="sysctl.d(5)",
        kernels="all",
        fix="write name = value",
        judge=_broken,
    ),
)
