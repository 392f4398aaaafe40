"""From symptoms to the diagnosis: all rules, the worst first, and one line that says it."""

from collections.abc import Iterable, Iterator

from floodwall.core.diagnosis.ailment import Ailment, Diagnosis, Finding, Remedy, Severity
from floodwall.core.diagnosis.flood import find_floods
from floodwall.core.diagnosis.machine import find_held_off, find_of_machine, find_silence
from floodwall.core.diagnosis.service import (
    find_connection_flood,
    find_shut,
    find_slow_application,
)
from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.core.duration import format_duration

FRESH_S = 600.0
"""How long a line of the kernel's log is worth a note."""

# Of what is equally bad, the cause stands before what follows from it.
_RANK = tuple(Ailment)
_CAUSES = (
    Ailment.LINK_SATURATED,
    Ailment.CONNTRACK_FULL,
    Ailment.SYN_FLOOD,
    Ailment.CONNECTION_FLOOD,
    Ailment.SLOW_APPLICATION,
)
_HINTS = {
    "syn_flooding": "possible SYN flooding",
    "conntrack_full": "a full connection tracking table",
    "too_many_orphans": "too many sockets without a process",
    "out_of_socket_memory": "socket memory running out",
    "oom": "a process killed for memory",
}


def diagnose(seen: Symptoms) -> Diagnosis:
    """Name what is happening and what to do about it."""
    blind = seen.services is None and seen.moved is None
    findings = tuple(sorted(_findings(seen), key=_order))
    return Diagnosis(
        verdict=_verdict(findings, seen, blind=blind),
        findings=findings,
        remedies=_each_once(remedy for finding in findings for remedy in finding.remedies),
        notes=tuple(_notes(seen, findings)),
        unseen=seen.unseen,
        blind=blind,
    )


def _findings(seen: Symptoms) -> Iterator[Finding]:
    floods = list(find_floods(seen))
    yield from floods
    flooded = {finding.service for finding in floods}
    around = list(find_of_machine(seen))
    yield from around
    for service in seen.services or ():
        found = find_connection_flood(service, seen) or find_slow_application(service, seen)
        if found is not None:
            yield found
        elif service.name not in flooded and not any(
            one.ailment is Ailment.CONNTRACK_FULL for one in around
        ):
            shut = find_shut(service, seen)
            if shut is not None:
                yield shut
    if held_off := find_held_off(seen):
        yield held_off
    if not floods and (silence := find_silence(seen)):
        yield silence


def _order(finding: Finding) -> tuple[bool, int, float]:
    causes = len(_CAUSES)
    place = _CAUSES.index(finding.ailment) if finding.ailment in _CAUSES else (
        causes + _RANK.index(finding.ailment)
    )  # fmt: skip
    return finding.severity is not Severity.CRITICAL, place, -finding.confidence


def _verdict(findings: tuple[Finding, ...], seen: Symptoms, *, blind: bool) -> str:
    if blind:
        return "nothing could be seen: neither sockets nor counters"
    if not findings:
        return _all_well(seen)
    worst = findings[0]
    alike = [one.service for one in findings if one.ailment is worst.ailment and one.service]
    if len(alike) > 1 and worst.ailment is Ailment.SYN_FLOOD:
        rest = worst.summary.partition(", ")[2]
        names = ", ".join(alike[:4]) + (" and more" if len(alike) > 4 else "")
        return f"{len(alike)} services at once are SYN flooded ({names}); the first: {rest}"
    more = len(findings) - 1
    also = f" (and {more} more)" if more else ""
    return f"{worst.summary}, {worst.confidence:.0%} sure{also}"


def _all_well(seen: Symptoms) -> str:
    services = seen.services
    if services is None:
        return "nothing found in the counters; sockets could not be seen"
    if not services:
        return "nothing found: nothing listens here"
    tried = sum(service.canary is not None for service in services)
    doors = f"{tried} of {len(services)} listeners were tried and answer"
    if not tried:
        doors = f"{len(services)} listeners, none of them tried"
    return f"nothing found: {doors}, no queue fills"


def _notes(seen: Symptoms, findings: tuple[Finding, ...]) -> Iterator[str]:
    # What is evidence of a finding already is not said twice.
    told: set[tuple[str, int | None]] = {("syn_flooding", one.port) for one in findings}
    for hint in seen.hints or ():
        if hint.age_s <= FRESH_S and (hint.kind, hint.port) not in told:
            told.add((hint.kind, hint.port))
            where = f" on port {hint.port}" if hint.port is not None else ""
            ago = format_duration(hint.age_s)
            yield f"the kernel's log spoke of {_HINTS.get(hint.kind, hint.kind)}{where} {ago} ago"
    if seen.guarded and not seen.held_off:
        yield "Floodwall runs here: `floodwall status` tells what it holds off"
    stack = seen.stack
    flooded = any(finding.ailment is Ailment.SYN_FLOOD for finding in findings)
    if stack is not None and stack.tcp_syncookies == 0 and not flooded:
        yield "net.ipv4.tcp_syncookies is 0: the next SYN flood locks everybody out"
    if sum(one.ailment is Ailment.SYN_FLOOD and bool(one.service) for one in findings) > 1:
        yield "these services share this machine: one attack takes them all"


def _each_once(remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    return tuple({remedy.command: remedy for remedy in remedies}.values())
