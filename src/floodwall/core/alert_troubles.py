"""What troubles a look at the daemon shows, in the words that a human is told.

Law: what was not seen is not guessed: a daemon that is silent ends no trouble.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from floodwall.core.duration import format_duration
from floodwall.core.incidents import MACHINE, WORDS
from floodwall.core.settings_alerts import AlertPolicy
from floodwall.core.verdict import Kind

TROUBLES_MAX = 64
"""Incidents and failing sensors that are told one by one; more are counted."""

DAEMON = "daemon"
LEASE = "lease"
_TEXT_MAX = 300  # characters of a text that comes from elsewhere


class Urgency(IntEnum):
    """How soon a human should look."""

    INFO = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True)
class SeenService:
    """A service as the daemon describes it; None is not known."""

    name: str
    kind: str = Kind.CALM.value
    rung: str = ""
    armed: bool = False
    advice: str = ""
    users_get_in: bool | None = None
    """What the canary says, smoothed; None without one."""
    canary_ms: float | None = None
    syns_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class SeenIncident:
    """An incident that is open."""

    service: str
    kind: str
    id: int | None = None
    """Its number in the record, where that is known."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at the daemon: when, and everything that it said."""

    now_s: float
    """Seconds since 1970."""
    minute: int
    """Minute of the local day, for quiet hours."""
    silent_s: float | None = None
    """For how long the daemon has not answered; None while it does."""
    silence: str = ""
    lease_s: float | None = None
    """What is left of the lease, estimated while the daemon is silent; None has no lease."""
    incidents: tuple[SeenIncident, ...] = ()
    services: tuple[SeenService, ...] = ()
    blind: tuple[str, ...] = ()
    """Sensors that fail."""
    trouble: str = ""
    bans: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a human should know of, while it goes on."""

    key: str
    urgency: Urgency
    what: str
    to_whom: str
    users: str
    did: str
    do_now: str
    mark: str
    """Differs when there is something new to tell about it."""
    at_once: bool = False
    """Told without waiting whether it stays."""


def troubles_of(seen: Sighting, policy: AlertPolicy) -> tuple[Trouble, ...]:
    """Return what is wrong now, gravest kinds first."""
    found = [*_daemon(seen, policy), *_lease(seen)]
    if seen.silent_s is None:
        incidents = sorted(seen.incidents, key=lambda each: each.service)
        single = [*(_incident(each, seen) for each in incidents), *_shut_out(seen), *_health(seen)]
        found += single[:TROUBLES_MAX]
        if len(single) > TROUBLES_MAX:
            found.append(_more(len(single) - TROUBLES_MAX, seen))
    return tuple(found)


def ends_unseen(key: str, seen: Sighting) -> bool:
    """Tell whether a trouble that does not show may be over: nothing ends out of sight."""
    return seen.silent_s is None or key == LEASE


def _daemon(seen: Sighting, policy: AlertPolicy) -> Iterator[Trouble]:
    if seen.silent_s is None or seen.silent_s < policy.silent_s:
        return
    yield Trouble(
        DAEMON,
        Urgency.CRITICAL,
        "The daemon does not answer" + (f": {_cut(seen.silence)}." if seen.silence else "."),
        "All protected services of this machine.",
        "Not known: nobody tries while the daemon is silent.",
        _goes_on(seen.lease_s),
        "See why with `systemctl status floodwall`, and start it again: "
        "`systemctl restart floodwall`.",
        "silent",
        at_once=True,
    )


def _goes_on(lease_s: float | None) -> str:
    if lease_s is None:
        return "Nothing that we know of goes on without it."
    if lease_s <= 0:
        return "Its lease has run out: every packet passes."
    span = format_duration(lease_s)
    return f"The data plane goes on by itself for at most {span}, by the lease last seen."


def _lease(seen: Sighting) -> Iterator[Trouble]:
    if seen.lease_s is None or seen.lease_s > 0:
        return
    yield Trouble(
        LEASE,
        Urgency.CRITICAL,
        "The lease of the data plane has run out: every packet passes, nothing is challenged.",
        "All protected services of this machine.",
        _users(seen.services),
        "Nothing: without a lease the data plane lets everything through.",
        "Start the daemon again: `systemctl restart floodwall`; then see `floodwall status`.",
        "lost",
    )


def _incident(incident: SeenIncident, seen: Sighting) -> Trouble:
    machine = incident.service in {"", MACHINE, "machine"}
    whom = seen.services if machine else [s for s in seen.services if s.name == incident.service]
    kind = Kind(incident.kind) if incident.kind in set(Kind) else None
    words = WORDS[kind] if kind else _cut(incident.kind)
    lost = any(service.users_get_in is False for service in whom)
    attack = kind is None or kind.is_attack
    urgency = Urgency.WARNING if attack else Urgency.INFO
    if lost:
        urgency = Urgency.CRITICAL if attack else Urgency.WARNING
    name = "this machine" if machine else _cut(incident.service)
    now = "" if machine else next((f"{each.kind} {each.rung}" for each in whom), "")
    return Trouble(
        f"incident:{MACHINE if machine else incident.service}",
        urgency,
        f"{words[:1].upper()}{words[1:]}{_rate(whom)}.",
        f"{name}{f' (incident I{incident.id})' if incident.id else ''}.",
        _users(whom),
        _did(whom, seen.bans),
        _do_now(incident.id, whom, attack=attack, lost=lost),
        f"{incident.kind} {now} {'out' if lost else 'in'}",
        at_once=True,
    )


def _shut_out(seen: Sighting) -> Iterator[Trouble]:
    """Tell of services that users cannot reach though nothing is called an incident there."""
    told = {incident.service for incident in seen.incidents}
    for service in seen.services:
        if service.users_get_in is False and service.name not in told:
            yield Trouble(
                f"users:{service.name}",
                Urgency.CRITICAL,
                "Users do not get in, and no attack is seen.",
                f"{_cut(service.name)}.",
                _users([service]),
                _did([service], seen.bans),
                "Look at the application, and at `floodwall doctor`.",
                "out",
            )


def _health(seen: Sighting) -> Iterator[Trouble]:
    said = [(f"health:{sensor}", f"A sensor fails: {_cut(sensor)}") for sensor in seen.blind]
    if seen.trouble:
        said.append(("health", f"The daemon reports trouble: {_cut(seen.trouble)}"))
    for key, what in said:
        yield Trouble(
            key,
            Urgency.WARNING,
            what.rstrip(".") + ".",
            "The defence of this machine.",
            _users(seen.services),
            "The defence goes on with what it can see and do.",
            "See `floodwall status` and `floodwall events` for what is missing.",
            "fails",
        )


def _more(count: int, seen: Sighting) -> Trouble:
    return Trouble(
        "more",
        Urgency.WARNING,
        f"{count} more incidents or failing sensors, which are not told one by one.",
        "Services of this machine.",
        _users(seen.services),
        _did(seen.services, seen.bans),
        "See `floodwall incidents` and `floodwall status`.",
        "more",
    )


def _users(services: Sequence[SeenService]) -> str:
    """Say whether users get in, by the canary's word."""
    known = [service for service in services if service.users_get_in is not None]
    if not known:
        return "Not known: no canary tries this."
    out = [_cut(service.name) for service in known if not service.users_get_in]
    if out:
        shown = ", ".join(out[:4]) + (f" and {len(out) - 4} more" if len(out) > 4 else "")
        return f"NO: our own handshake fails at {shown}."
    slowest = max((service.canary_ms or 0.0 for service in known), default=0.0)
    return f"Yes: our own handshake takes {slowest:.0f} ms." if slowest else "Yes."


def _rate(services: Sequence[SeenService]) -> str:
    rates = [service.syns_per_s for service in services if service.syns_per_s is not None]
    return f", {sum(rates):,.0f} SYNs a second" if rates else ""


def _did(services: Sequence[SeenService], bans: int) -> str:
    armed = sum(service.armed for service in services)
    rungs = sorted({service.rung for service in services if service.rung})
    parts = []
    if armed:
        parts.append("every SYN is challenged" if len(services) == 1 else f"{armed} armed")
    if rungs:
        parts.append(f"rung {', '.join(rungs)}")
    if bans:
        parts.append(f"{bans:,} bans in force on this machine")
    said = "; ".join(parts) or "nothing yet"
    return f"{said[:1].upper()}{said[1:]}."


def _do_now(
    number: int | None, services: Sequence[SeenService], *, attack: bool, lost: bool
) -> str:
    advice = next((f" {_cut(each.advice).rstrip('.')}." for each in services if each.advice), "")
    verb = f"why I{number}" if number else "incidents"
    evidence = f"The evidence: `floodwall {verb}`."
    if not lost:
        first = "Nothing urgent." if attack else "No attack: look at load and capacity."
        return f"{first}{advice} {evidence}"
    if attack:
        first = "Look now: `floodwall status`, `floodwall doctor`; if the line is full, ask your "
        return f"{first}provider to filter.{advice} {evidence}"
    return f"The application cannot keep up: look at it, or at its backlog.{advice} {evidence}"


def _cut(text: str) -> str:
    """Make one printable line of what comes from elsewhere."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line if len(line) <= _TEXT_MAX else f"{line[: _TEXT_MAX - 3]}..."
