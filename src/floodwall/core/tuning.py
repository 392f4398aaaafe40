"""Sysctls during a SYN flood: fewer retries, longer queues; and back to what they were.

Law: each is changed for the better only, and what was changed is asked back when the flood is over.
net.ipv4.tcp_syncookies is not among them: without it no cookie of ours is accepted, so that it is 1
from the start of the daemon to its end.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from floodwall.core.arming import half_open_lifetime_s
from floodwall.core.commands import Command, RecordDecision, RestoreSysctl, SetSysctl
from floodwall.core.decision import Act, Decision
from floodwall.core.duration import format_duration
from floodwall.core.incidents import BLIND_NS, WORDS
from floodwall.core.ladder import allows, conclude
from floodwall.core.model import SECOND_NS, Service, StackLimits
from floodwall.core.observation import Observation
from floodwall.core.response import Tuned
from floodwall.core.settings_response import Tuning
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Evidence, Kind

FLOODS = frozenset({Kind.SPOOFED_FLOOD, Kind.REAL_FLOOD, Kind.MIXED_FLOOD})
"""Kinds that fill a queue of half-open connections."""

ASKED_MAX = 3
"""A sysctl that could not be changed so often is left alone: in a container it may be read-only."""

SYNCOOKIES = "net.ipv4.tcp_syncookies"


@dataclass(frozen=True, slots=True)
class _Wish:
    name: str
    now: int
    wanted: int
    why: str


def tune(state: State, seen: Observation) -> Step:
    """Change the sysctls while a flood fills a queue, and put them back when it is over."""
    endangered = _endangered(state, seen) if state.settings.tuning.enabled else None
    response = replace(state.response, undone={})
    if endangered is not None:
        response = replace(response, flood_ns=seen.now_ns)
        return _change(replace(state, response=response), seen, *endangered)
    state = replace(state, response=response)
    if _is_over(state, seen.now_ns):
        return _put_back(state, seen.now_ns)
    return _write_again(state, seen.now_ns)


def note_cookies(state: State, seen: Observation) -> Step:
    """Record the decision behind EnableSyncookies, once, however often that is asked for."""
    off = seen.stack is not None and seen.stack.tcp_syncookies == 0
    if off == (SYNCOOKIES in state.response.noted):
        return state, []
    noted = state.response.noted ^ {SYNCOOKIES}
    state = replace(state, response=replace(state.response, noted=noted))
    if not off:
        return state, []
    text = f"{SYNCOOKIES} is 0: set to 1, or the stack would accept no cookie"
    return state, [RecordDecision(conclude("cookies", Act.TUNE, seen.now_ns, SYNCOOKIES, text))]


def wishes(tuning: Tuning, stack: StackLimits) -> Iterator[_Wish]:
    """Yield what would help, given what the sysctls are."""
    if 0 < tuning.synack_retries < stack.tcp_synack_retries:
        before, after = (
            format_duration(half_open_lifetime_s(retries))
            for retries in (stack.tcp_synack_retries, tuning.synack_retries)
        )
        yield _Wish(
            "net.ipv4.tcp_synack_retries",
            stack.tcp_synack_retries,
            tuning.synack_retries,
            f"a half-open entry lives {after} instead of {before}",
        )
    if tuning.syn_backlog > stack.tcp_max_syn_backlog:
        yield _Wish(
            "net.ipv4.tcp_max_syn_backlog",
            stack.tcp_max_syn_backlog,
            tuning.syn_backlog,
            "strangers get more room where SYN cookies are off",
        )
    if tuning.somaxconn > stack.somaxconn:
        yield _Wish(
            "net.core.somaxconn",
            stack.somaxconn,
            tuning.somaxconn,
            "a listener opened from now on may have a longer queue",
        )


def _endangered(state: State, seen: Observation) -> tuple[Service, Evidence] | None:
    """Return a service under a SYN flood in whose queue the flood is, if there is one."""
    flooded = [
        service
        for service in state.table.services
        if allows("tuning", service.mode)
        and (verdict := state.verdicts.get(service.index)) is not None
        and verdict.kind in FLOODS
    ]
    if not flooded:
        return None
    queued: Counter[int | None] = Counter()
    for local, count in seen.requests.items():
        queued[state.table.keys.get(local)] += count
    for service in flooded:
        low = state.limits[service.index].low
        waiting = queued[service.index]
        if seen.half_open is None or service.index in state.full or waiting >= low:
            text = f"{waiting} half-open entries, calm is below {low}"
            return service, Evidence("half_open", waiting, low, text)
    return None


def _change(state: State, seen: Observation, service: Service, danger: Evidence) -> Step:
    state, commands = _write_again(state, seen.now_ns)
    if seen.stack is None:
        return state, commands
    tuned = dict(state.response.tuned)
    verdict = state.verdicts[service.index]
    for wish in wishes(state.settings.tuning, seen.stack):
        if wish.name in tuned:
            continue
        decision = conclude(
            "tuning",
            Act.TUNE,
            seen.now_ns,
            wish.name,
            f"{wish.name} is {wish.wanted} instead of {wish.now} during {WORDS[verdict.kind]} at "
            f"{service.name}: {wish.why}",
            mode=service.mode,
            service=service.index,
            evidence=(danger, *verdict.evidence),
        )
        tuned[wish.name] = Tuned(str(wish.now), str(wish.wanted), decision)
        commands.append(SetSysctl(wish.name, str(wish.wanted), decision))
    return replace(state, response=replace(state.response, tuned=tuned)), commands


def _write_again(state: State, now_ns: int) -> Step:
    """Ask again for what may not have been written, but not for ever: it may be read-only."""
    tuned = dict(state.response.tuned)
    commands: list[Command] = []
    for name, each in state.response.tuned.items():
        if each.doubtful:
            tuned[name] = replace(each, doubtful=False, asked=each.asked + 1, returned=0)
            if each.asked < ASKED_MAX:
                decision = replace(each.decision, at_ns=now_ns)
                commands.append(SetSysctl(name, each.value, decision))
    return replace(state, response=replace(state.response, tuned=tuned)), commands


def _put_back(state: State, now_ns: int) -> Step:
    tuned = state.response.tuned
    commands: list[Command] = [
        RestoreSysctl(name, _restoring(name, each, now_ns))
        for name, each in tuned.items()
        if each.returned < ASKED_MAX
    ]
    undone = {name: replace(each, returned=each.returned + 1) for name, each in tuned.items()}
    response = replace(state.response, tuned={}, undone=undone, flood_ns=None)
    return replace(state, response=response), commands


def _restoring(name: str, tuned: Tuned, now_ns: int) -> Decision:
    text = f"{name} goes back to {tuned.before}: the flood is over"
    return conclude("tuning", Act.RESTORE, now_ns, name, text, service=tuned.decision.service)


def _is_over(state: State, now_ns: int) -> bool:
    tuning, flood_ns = state.settings.tuning, state.response.flood_ns
    if not tuning.enabled or flood_ns is None:
        return True
    # No verdict at all is not calm.
    hold_ns = int(tuning.hold_s * SECOND_NS) if state.verdicts else BLIND_NS
    return now_ns - flood_ns >= hold_ns
