"""What a change of settings means: which settings differ, and what would be done about it.

Law: a preview asks the same `decide` that will act, so that it cannot promise anything else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from floodwall.core.commands import (
    Ban,
    ClearService,
    Command,
    DestroyHalfOpen,
    EnableSyncookies,
    Lift,
    Limits,
    MachineLimits,
    Record,
    RecordDecision,
    RenewLease,
    RestoreSysctl,
    RotateKey,
    SetAddresses,
    SetLimits,
    SetMachineLimits,
    SetNeverBan,
    SetServices,
    SetSysctl,
)
from floodwall.core.decide import decide
from floodwall.core.duration import format_duration
from floodwall.core.model import SECOND_NS
from floodwall.core.observation import Observation
from floodwall.core.settings import Settings, sections
from floodwall.core.state import State

NAMED_MAX = 8
"""Of a long list so many are named."""


def differences(before: Settings, after: Settings) -> Iterator[str]:
    """Yield every setting that differs, as `section.key: before -> after`."""
    for section, kind in sections():
        old, new = getattr(before, section), getattr(after, section)
        for key in kind.model_fields:
            was, will_be = getattr(old, key), getattr(new, key)
            if was != will_be:
                yield f"{section}.{key}: {_value(was)} -> {_value(will_be)}"


def preview(state: State, settings: Settings, seen: Observation) -> Iterator[str]:
    """Yield what would be done at once if these settings held, beside what is done anyway."""
    # The next second: what was seen in this one has been decided upon already.
    next_ = replace(seen, now_ns=seen.now_ns + SECOND_NS)
    _, anyway = decide(state, next_)
    after, wanted = decide(replace(state, settings=settings), next_)
    for command in wanted:
        if any(command == other for other in anyway):
            continue
        if isinstance(command, RenewLease):
            lease_s = (command.until_ns - next_.now_ns) / SECOND_NS
            yield f"lease: {format_duration(lease_s)}"
        else:
            yield from _describe(state, after, command)


def _describe(  # noqa: C901, PLR0912  a table of commands
    state: State, after: State, command: Command
) -> Iterator[str]:
    names = {service.index: service.name for service in after.table.services}
    match command:
        case SetLimits(index, limits):
            change = _changed(state.limits.get(index), limits)
            yield f"limits of {names.get(index, index)}: {change}"
        case SetMachineLimits(limits):
            yield f"limits of the machine: {_changed(state.machine, limits)}"
        case SetServices(keys):
            yield from _members("protected endpoints", state.table.keys, keys)
        case SetNeverBan(networks):
            yield from _members("never-ban set", state.never_ban or {}, networks)
        case SetSysctl(name, value, _):
            yield f"sysctl {name}: {value}"
        case RestoreSysctl(name, _):
            yield f"sysctl {name}: what it was before"
        case EnableSyncookies():
            yield "sysctl net.ipv4.tcp_syncookies: 1"
        case Ban() | Lift() | RecordDecision():
            yield command.decision.text
        case Record(text):
            yield text
        case DestroyHalfOpen(service, entries):
            yield f"destroy {len(entries)} half-open entries of {service}"
        case ClearService(index):
            yield f"counters of {names.get(index, index)}: begin at 0"
        case RotateKey():
            yield "cookies: a new key"
        case SetAddresses():
            yield "own addresses: written anew"


def _changed(before: Limits | MachineLimits | None, after: Limits | MachineLimits) -> str:
    parts = []
    for each in fields(after):
        new = getattr(after, each.name)
        old = getattr(before, each.name) if before is not None else None
        if before is None:
            parts.append(f"{each.name} {_value(new)}")
        elif old != new:
            parts.append(f"{each.name} {_value(old)} -> {_value(new)}")
    return ", ".join(parts)


def _members(what: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterator[str]:
    added = sorted(str(each) for each in after.keys() - before.keys())
    removed = sorted(str(each) for each in before.keys() - after.keys())
    changed = sorted(
        str(each) for each in after.keys() & before.keys() if after[each] != before[each]
    )
    for verb, names in (("add", added), ("remove", removed), ("change", changed)):
        if names:
            yield f"{what}: {verb} {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return ", ".join(names[:NAMED_MAX]) + more


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{_listed([str(each) for each in value])}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
