"""How long the stack waits, and what it does when it is full."""

from collections.abc import Iterator
from typing import Final

from floodwall.audit.arithmetic import COOKIES, RETRIES, lifetime_s
from floodwall.audit.check import (
    Check,
    Interaction,
    Outcome,
    Severity,
    finding,
    in_each_namespace,
    passed,
)
from floodwall.audit.checks.cookies import TIMESTAMPS
from floodwall.audit.facts import AbsentError, Facts, Scope, known

SYN_RETRIES = "net.ipv4.tcp_syn_retries"
ABORT = "net.ipv4.tcp_abort_on_overflow"
RFC1337 = "net.ipv4.tcp_rfc1337"
FIN = "net.ipv4.tcp_fin_timeout"
ORPHANS = "net.ipv4.tcp_max_orphans"
RECYCLE = "net.ipv4.tcp_tw_recycle"
_ORPHAN_BYTES = 65536
"""Documentation/networking/ip-sysctl.rst: each orphan eats up to 64K of unswappable memory."""

_FEWEST_RETRIES = 2
_USUAL_RETRIES = 5
_FEWEST_SYN_RETRIES = 3
_LONGEST_FIN_S = 60
_SHORTEST_FIN_S = 10


def _synack(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    value, cookies = scope.number(RETRIES), scope.number(COOKIES)
    stay = lifetime_s(value, known(facts.release))
    text = f"{value}: an unanswered entry stays {stay} s"
    if value < _FEWEST_RETRIES:
        yield finding(f"{text}; a client that loses {value + 1} packets in a row is turned away",
                      severity=Severity.LOW)  # fmt: skip
    elif value > _USUAL_RETRIES or (value == _USUAL_RETRIES and not cookies):
        yield finding(f"{text}, and takes the place of a client meanwhile")
    else:
        yield passed(text)


def _syn(scope: Scope, _: Facts) -> Iterator[Outcome]:
    value = scope.number(SYN_RETRIES)
    if value < _FEWEST_SYN_RETRIES:
        yield finding(f"{value}: connections that this machine opens give up early, for nothing")
    else:
        yield passed(f"{value}; it is about connections that this machine opens")


def _abort(scope: Scope, _: Facts) -> Iterator[Outcome]:
    if scope.number(ABORT):
        yield finding("1: a burst that a slow moment of the program causes resets clients")
    else:
        yield passed("0: the client tries again and gets in")


def _rfc1337(scope: Scope, _: Facts) -> Iterator[Outcome]:
    if scope.number(RFC1337):
        yield passed("1: a forged RST does not end TIME_WAIT")
    else:
        yield finding("0: a RST may end TIME_WAIT early; no matter for SYN floods")


def _fin(scope: Scope, _: Facts) -> Iterator[Outcome]:
    value = scope.number(FIN)
    if not _SHORTEST_FIN_S <= value <= _LONGEST_FIN_S:
        yield finding(f"{value} s in FIN_WAIT2 for connections that nobody holds any more")
    else:
        yield passed(f"{value} s")


def _orphans(facts: Facts) -> Iterator[Outcome]:
    value, memory = facts.here.number(ORPHANS), known(facts.memory_bytes)
    need = value * _ORPHAN_BYTES
    text = (
        f"{value} x 64 KiB = {need / (1 << 20):.0f} MiB of {memory / (1 << 20):.0f} MiB of memory"
    )
    if need > memory:
        yield finding(f"{text}: connections that nobody holds may take all of it")
    elif value < 1024:
        yield finding(f"{value}: beyond it closing connections are reset, and data may be lost")
    else:
        yield passed(text)


def _recycle(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    try:
        value = scope.number(RECYCLE)
    except AbsentError:
        if known(facts.release).since(4, 12):
            raise
        raise AbsentError(f"there is no {RECYCLE}") from None
    if value and scope.number(TIMESTAMPS):
        yield finding("1: of clients behind one NAT address, all but one are turned away")
    elif value:
        yield passed("1, but without timestamps it does nothing")
    else:
        yield passed("0")


CHECKS: Final = (
    Check(
        id="synack-retries",
        title="Half-open connections do not stay for minutes",
        severity=Severity.MEDIUM,
        reads=(RETRIES, COOKIES),
        expected="2 to 5; below 5 where cookies are off",
        why="5 keeps a forged request for 63 s (3 min before kernel 3.1). Fewer free its place "
        "sooner, but turn away clients on bad links, at every service: with 5 % loss each way "
        "one in 11,000 at 3 retries, one in 105 at 1 (0.0975^4, 0.0975^2).",
        source="RFC 4987 section 3.3; RFC 6298 section 2; Documentation/networking/ip-sysctl.rst",
        kernels="all; the first wait is 1 s from 3.1 on and 3 s before",
        fix=f"sysctl -w {RETRIES}=3",
        judge=in_each_namespace(_synack),
        interactions=(Interaction("syncookies", "with cookies the default of 5 does no harm"),),
    ),
    Check(
        id="syn-retries",
        title="tcp_syn_retries is not mistaken for a defence",
        severity=Severity.INFO,
        reads=(SYN_RETRIES,),
        expected=f"at least {_FEWEST_SYN_RETRIES}",
        why="It is often lowered against SYN floods. It has no effect on them: it is about "
        "connections that this machine opens itself.",
        source="tcp(7); tcp_write_timeout()",
        kernels="all",
        fix=f"sysctl -w {SYN_RETRIES}=6",
        judge=in_each_namespace(_syn),
    ),
    Check(
        id="abort-on-overflow",
        title="A full accept queue does not reset clients",
        severity=Severity.MEDIUM,
        reads=(ABORT,),
        expected="0",
        why="With 1 a client that comes in a busy moment gets an error instead of a short wait.",
        source="tcp_check_req(); Documentation/networking/ip-sysctl.rst",
        kernels="all",
        fix=f"sysctl -w {ABORT}=0",
        judge=in_each_namespace(_abort),
    ),
    Check(
        id="rfc1337",
        title="TIME_WAIT is not ended by a RST",
        severity=Severity.INFO,
        reads=(RFC1337,),
        expected="1",
        why="Costs nothing, and closes the hazards of RFC 1337; it does not help against floods.",
        source="RFC 1337; tcp_timewait_state_process()",
        kernels="all",
        fix=f"sysctl -w {RFC1337}=1",
        judge=in_each_namespace(_rfc1337),
    ),
    Check(
        id="fin-timeout",
        title="FIN_WAIT2 ends within a minute",
        severity=Severity.LOW,
        reads=(FIN,),
        expected=f"{_SHORTEST_FIN_S} to {_LONGEST_FIN_S} s",
        why="Peers that vanish keep memory for that long; too short loses the end of answers.",
        source="RFC 9293 section 3.6; Documentation/networking/ip-sysctl.rst",
        kernels="all",
        fix=f"sysctl -w {FIN}=60",
        judge=in_each_namespace(_fin),
    ),
    Check(
        id="orphans",
        title="Orphaned connections fit into memory",
        severity=Severity.LOW,
        reads=(ORPHANS, "/proc/meminfo"),
        expected="64 KiB each fit into memory, and at least 1024",
        why="Clients that never end what they began make them; they cannot be swapped out.",
        source="tcp_check_oom(); Documentation/networking/ip-sysctl.rst",
        kernels="all",
        fix=f"sysctl -w {ORPHANS}=8192",
        judge=_orphans,
    ),
    Check(
        id="tw-recycle",
        title="TIME_WAIT is not recycled by timestamp",
        severity=Severity.HIGH,
        reads=(RECYCLE, TIMESTAMPS),
        expected="0, or gone",
        why="It takes the clients behind one NAT address for one host and drops their SYNs, which "
        "looks like an outage under load.",
        source="tcp_tw_recycle was removed by kernel 4.12 for this reason",
        kernels="before 4.12",
        fix=f"sysctl -w {RECYCLE}=0",
        judge=in_each_namespace(_recycle),
        interactions=(Interaction("cookie-timestamps", "without timestamps it does nothing"),),
    ),
)
