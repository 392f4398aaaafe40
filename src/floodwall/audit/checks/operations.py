"""What must be in place before the telephone rings."""

from collections.abc import Iterator
from typing import Final

from floodwall.audit.arithmetic import COOKIES
from floodwall.audit.check import (
    Check,
    Interaction,
    Outcome,
    Severity,
    finding,
    in_each_namespace,
    passed,
)
from floodwall.audit.facts import Facts, Scope, known
from floodwall.audit.reader import CONTACT, REHEARSAL

COST = "net.core.message_cost"


def _blind(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    cookies, cost = scope.number(COOKIES), facts.here.number(COST)
    if cookies == 2:
        yield finding("tcp_syncookies is 2: the kernel never says that a port is flooded")
    elif cookies == 0:
        yield passed("0: 'Dropping request' is said, once for each listener")
    elif cost > 5:
        yield finding(f"{COST} is {cost}: messages are 10 in {cost * 10} s", severity=Severity.INFO)
    else:
        yield passed("'Possible SYN flooding' is said once for each listener, and never again")


def _clock(facts: Facts) -> Iterator[Outcome]:
    clock = known(facts.site.clock)
    if clock:
        yield passed(f"kept by {clock}")
    else:
        yield finding("nothing that keeps the time was seen")


def _management(facts: Facts) -> Iterator[Outcome]:
    ways = known(facts.site.management)
    if ways:
        yield passed(", ".join(ways))
    else:
        yield finding("no BMC, no serial console, no sshd at an address of its own was seen")


def _contact(facts: Facts) -> Iterator[Outcome]:
    contact = known(facts.site.contact)
    yield passed(contact) if contact else finding(f"there is no {CONTACT}")


def _rehearsal(facts: Facts) -> Iterator[Outcome]:
    when = known(facts.site.rehearsed)
    yield passed(f"last at {when}") if when else finding("no flood was rehearsed on this machine")


CHECKS: Final = (
    Check(
        id="log-blindness",
        title="The kernel's log can say that a flood goes on",
        severity=Severity.LOW,
        reads=(COOKIES, COST),
        expected="tcp_syncookies 0 or 1, message_cost 5",
        why="'Possible SYN flooding' comes once in the life of a listener, and with 2 never: "
        "silence in the log does not mean peace. Counters tell it: nstat TcpExtSyncookiesSent.",
        source="tcp_syn_flood_action(); Documentation/admin-guide/sysctl/net.rst",
        kernels="once for each listener from 3.2 on",
        fix="watch counters instead of the log, or run floodwall run",
        judge=in_each_namespace(_blind),
        interactions=(Interaction("syncookies", "with 2 nothing is said at all"),),
    ),
    Check(
        id="clock",
        title="The clock is kept",
        severity=Severity.LOW,
        reads=("/proc/*/comm", "/run/systemd/timesync/synchronized"),
        expected="a running time service",
        why="A provider compares your times with those of others; minutes of difference make "
        "evidence worthless.",
        source="RFC 6302 section 2: log entries need an exact time",
        kernels="all",
        fix="apt install chrony, or systemctl enable --now systemd-timesyncd",
        judge=_clock,
    ),
    Check(
        id="management",
        title="There is a way in that the flood does not close",
        severity=Severity.MEDIUM,
        reads=("/dev", "/proc/cmdline", "ss -ltnp"),
        expected="BMC, serial console, or sshd at an address of its own",
        why="Who cannot log in cannot defend. A console of the provider cannot be seen from here: "
        "accept the finding in a baseline, with its address as the reason.",
        source="RFC 6192: keep the way to control apart from what is attacked",
        kernels="all",
        fix="note the provider's console in a baseline, or let sshd listen on another address",
        judge=_management,
    ),
    Check(
        id="provider-contact",
        title="Whom to call upstream is on file",
        severity=Severity.LOW,
        reads=(CONTACT,),
        expected="a line with name, number and customer number",
        why="A flood that fills the link can be stopped only by whoever is at its other end, and "
        "then nobody has time to look for the contract.",
        source="RFC 4987 section 3.1; RFC 5635",
        kernels="all",
        fix=f"write it into {CONTACT}, and print it",
        judge=_contact,
    ),
    Check(
        id="rehearsal",
        title="A flood was rehearsed",
        severity=Severity.LOW,
        reads=(REHEARSAL,),
        expected="floodwall lab run went to its end here",
        why="Whether this kernel and these programs hold is found out on a quiet day.",
        source="docs/lab.md",
        kernels="all",
        fix="floodwall lab run",
        judge=_rehearsal,
    ),
)
