"""What holds in this network namespace, by the daemon's word or from the pins without one."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

import msgspec

from floodwall.app.client import Client, UnreachableError, merged
from floodwall.app.instance import running
from floodwall.core.duration import format_duration
from floodwall.core.errors import FloodwallError
from floodwall.core.model import SECOND_NS, Reading
from floodwall.core.standing import rung_of, verdict_text
from floodwall.core.state import State
from floodwall.kernel import _abi as abi
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.tables import Tables
from floodwall.sense.counters import read_reasons, read_service
from floodwall.store.journal import Journal
from floodwall.store.plans import read_plan

_EVENTS = 5


class ExitCode(IntEnum):
    """What `floodwall status` returns."""

    RUNNING = 0
    ARMED = 1
    ABSENT = 3


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service: its part of the plan, what it counted, and since when it is armed."""

    plan: dict[str, Any]
    reading: Reading
    armed_for_s: float | None
    """0 where it is not known: armed by the settings or by a word, and nobody is there to ask."""
    verdict: str = ""
    """What it is going through, with how sure that is; empty where no daemon says it."""
    rung: str = ""
    """The step of the ladder that it stands on."""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Everything about one network namespace."""

    pid: int | None
    lease_s: float
    services: tuple[ServiceStatus, ...]
    plan: dict[str, Any]
    reasons: dict[str, int]
    never_ban: int
    bans: int
    events: tuple[str, ...]
    trouble: str = ""
    machine: str = ""
    """What the machine as a whole is going through, if that is more than calm."""
    blind: tuple[str, ...] = ()
    """Sensors that fail at present."""
    losses: dict[str, int] = field(default_factory=dict)
    """How often the kernel lost answers to a sensor; they were asked for again."""
    counted: bool = True
    """False where there is no data plane: then nothing counts SYNs, and zeros mean nothing."""

    @property
    def exit_code(self) -> ExitCode:
        """Return 0 while all is calm, 1 while something is armed or wrong, 3 if nothing runs."""
        if self.pid is None and self.lease_s <= 0:
            return ExitCode.ABSENT
        armed = any(service.armed_for_s is not None for service in self.services)
        return ExitCode.ARMED if armed or self.pid is None or self.trouble else ExitCode.RUNNING

    def as_json(self) -> dict[str, Any]:
        """Return the status as JSON takes it."""
        return asdict(self) | {"state": self.exit_code.name.lower()}


def read_status() -> Status | None:
    """Ask the daemon, or read the pins; None if nothing of Floodwall is in this namespace."""
    try:
        with Client() as client:
            return _asked(client)
    except UnreachableError as error:
        silent = error
    directory = StateDirectory.find()
    if directory is None:
        return None
    daemon = running(directory.run)
    pid = daemon.pid if daemon else None
    # A daemon that runs and does not answer is a trouble; one that is gone is told by its lease.
    trouble = silent.message if daemon else ""
    try:
        tables = DataPlane.from_pins(directory)
    except FloodwallError as error:
        told = _told(directory.run)
        return Status(pid, 0, (), told[0], {}, 0, 0, told[1], trouble=trouble or error.message)
    with tables:
        status = status_of(tables, directory.run, pid, time.monotonic_ns())
    return replace(status, trouble=trouble)


def status_of(tables: Tables, run: Path, pid: int | None, now_ns: int) -> Status:
    """Read the status from open maps."""
    plan, events = _told(run)
    return Status(
        pid=pid,
        lease_s=max(0.0, (tables.lease() - now_ns) / SECOND_NS),
        services=tuple(_service(tables, each, now_ns) for each in plan.get("services", [])),
        plan=plan,
        reasons={name: n for name, n in read_reasons(tables).items() if n},
        never_ban=len(tables.never_ban.keys()),
        bans=len(tables.bans.keys()) + len(tables.ban_nets.keys()),
        events=events,
        counted=plan.get("rung", "XDP") == "XDP",
    )


def said(status: ServiceStatus, state: State, now_ns: int) -> ServiceStatus:
    """Put in what only the daemon knows: the verdict, the rung, since when a word has armed it."""
    index = status.reading.index
    service = next((each for each in state.table.services if each.index == index), None)
    if service is None:
        return status
    verdict, armed_for_s = state.verdicts.get(index), status.armed_for_s
    if armed_for_s is not None and index in state.armed:
        armed_for_s = max(armed_for_s, (now_ns - state.armed[index]) / SECOND_NS)
    return replace(
        status,
        verdict=verdict_text(verdict),
        rung=rung_of(state, service).value,
        advice=verdict.advice if verdict else "",
        armed_for_s=armed_for_s,
    )


def armed_text(for_s: float | None) -> str:
    """Say whether a service is armed and, where that is known, for how long."""
    if for_s is None:
        return "calm"
    return f"ARMED for {format_duration(for_s)}" if for_s > 0 else "ARMED"


def status_lines(status: Status) -> Iterator[str]:
    """Write a status for a reader."""
    yield f"state       {_state(status)}"
    if status.machine:
        yield f"machine     {status.machine}"
    yield from (f"cannot see  {sensor}" for sensor in status.blind)
    for sensor, count in sorted(status.losses.items()):
        yield f"lost        answers to {sensor}, {count:,} times: asked again"
    if not status.counted:
        yield (
            "cannot see  SYNs: nothing counts them on this rung; verdicts rest on queues and on "
            "the stack's counters, and are less sure"
        )
    yield f"lease       {_lease(status)}"
    for interface in status.plan.get("interfaces", []):
        yield f"interface   {interface['name']}: {interface['rung']}"
        yield from (f"            not {refused}" for refused in interface["refused"])
    for service in status.services:
        yield from _service_lines(service, counted=status.counted)
    for exclusion in status.plan.get("exclusions", []):
        yield f"leaves      {exclusion['name']}: {exclusion['reason']}"
    yield f"never bans  {status.never_ban} networks"
    yield f"bans        {status.bans}"
    yield from (f"counted     {name} {n:,}" for name, n in sorted(status.reasons.items()))
    yield from (f"event       {event}" for event in status.events)
    if status.trouble:
        yield f"trouble     {status.trouble}"


def _asked(client: Client) -> Status:
    answer = merged(client.pages("status", "services"), "services")
    answer.pop("state")
    services = [service["plan"] for service in answer["services"]]
    return msgspec.convert(answer | {"plan": answer["plan"] | {"services": services}}, Status)


def _told(run: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the plan and the latest events, as they were last written."""
    entries = deque(Journal(run).entries(), _EVENTS)
    return read_plan(run) or {}, tuple(f"{each.at}  {each.text}" for each in entries)


def _service(tables: Tables, plan: dict[str, Any], now_ns: int) -> ServiceStatus:
    index = int(plan["index"])
    reading, limits = read_service(tables, index), tables.limits(index)
    until_ns = max(reading.armed_until_ns, limits.forced_until_ns)
    armed = limits.mode == abi.Mode.ARMED or (limits.mode == abi.Mode.AUTO and now_ns < until_ns)
    # A service that is forced or always armed was not armed by the kernel, which keeps the time.
    since_ns = reading.armed_at_ns if now_ns < reading.armed_until_ns else now_ns
    return ServiceStatus(plan, reading, (now_ns - since_ns) / SECOND_NS if armed else None)


def _lease(status: Status) -> str:
    if status.plan.get("rung", "XDP") != "XDP":
        return "none: there is no data plane on this rung"
    return format_duration(status.lease_s) if status.lease_s else "run out: everything passes"


def _state(status: Status) -> str:
    armed = sum(service.armed_for_s is not None for service in status.services)
    what = f"{armed} of {len(status.services)} services armed" if armed else "calm"
    if status.exit_code is ExitCode.ABSENT:
        return "not running"
    if status.pid is None:
        return f"{what}, but its daemon is gone: run it again"
    if status.trouble:
        return f"{what}, but in trouble (pid {status.pid})"
    return f"{what} (pid {status.pid})"


def _service_lines(service: ServiceStatus, *, counted: bool) -> Iterator[str]:
    plan, counts = service.plan, service.reading
    state = armed_text(service.armed_for_s)
    yield f"protects    {plan['name']}: {state}, by {plan['mechanism']}, {plan['mode']}"
    yield (
        f"            {counts.pending:,} of {plan['capacity']:,} pending (arms above "
        f"{plan['high']:,}); {_counted(counts) if counted else 'nothing else is counted'}"
    )
    if service.verdict:
        yield f"            {service.verdict}; on the rung {service.rung}"
    if service.advice:
        yield f"            advice: {service.advice}"


def _counted(counts: Reading) -> str:
    return (
        f"{counts.syns:,} SYNs: {counts.passed:,} passed, "
        f"{counts.challenged:,} challenged, {counts.proven:,} proven"
    )
