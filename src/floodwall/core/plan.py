"""The plan: what is protected, by which mechanism, on which rung and why; what is not, and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from floodwall.core.duration import format_duration
from floodwall.core.model import SECOND_NS, Guard, Mechanism, Service
from floodwall.core.settings import OnDeath, ServiceMode
from floodwall.core.state import State
from floodwall.core.upkeep import LEASE_NS

MECHANISMS = {
    Mechanism.HANDOVER: "own cookies, all TCP options kept",
    Mechanism.STACK: "cookies of the kernel",
    Mechanism.SPLICE: "own cookies for the server behind, all TCP options kept",
}
"""How an operator reads a mechanism."""


@dataclass(frozen=True, slots=True)
class InterfacePlan:
    """An interface with the rung that it is on; `refused` are the better rungs and why not."""

    name: str
    index: int
    rung: str
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A protected service; above `high` pending handshakes it is challenged."""

    index: int
    name: str
    mode: ServiceMode
    mechanism: Mechanism
    why: str
    capacity: int
    high: int
    low: int


@dataclass(frozen=True, slots=True)
class ExclusionPlan:
    """A listener that is not protected."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an operator should know before trusting it."""

    interfaces: tuple[InterfacePlan, ...]
    services: tuple[ServicePlan, ...]
    exclusions: tuple[ExclusionPlan, ...]
    never_ban: dict[str, int]
    """Number of protected networks by reason."""
    on_death: OnDeath
    notes: tuple[str, ...] = ()
    rung: str = "XDP"
    """Where on the mechanism ladder all of it stands."""

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON takes it."""
        return asdict(self)


def make_plan(
    state: State, interfaces: tuple[InterfacePlan, ...], notes: tuple[str, ...] = ()
) -> Plan:
    """Describe what a state does on these interfaces."""
    services = tuple(
        ServicePlan(
            index=service.index,
            name=service.name,
            mode=service.mode,
            mechanism=service.mechanism,
            why=_why(service, nat=state.known.nat),
            capacity=service.capacity,
            high=state.limits[service.index].high,
            low=state.limits[service.index].low,
        )
        for service in state.table.services
    )
    exclusions = tuple(
        ExclusionPlan(f"{each.bound} {each.process}".rstrip(), each.reason)
        for each in state.table.exclusions
    )
    guards = Counter((state.never_ban or {}).values())
    never_ban = {guard.value: guards[guard] for guard in Guard if guards[guard]}
    on_death = state.settings.daemon.on_death
    return Plan(interfaces, services, exclusions, never_ban, on_death, notes)


def plan_lines(plan: Plan) -> Iterator[str]:
    """Write a plan for a reader, one fact a line."""
    for interface in plan.interfaces:
        yield f"interface   {interface.name}: {interface.rung}"
        yield from (f"            not {refused}" for refused in interface.refused)
    width = max((len(service.name) for service in plan.services), default=0)
    for service in plan.services:
        yield f"protects    {service.name:{width}}  {_treatment(service)}"
    if not plan.services:
        yield "protects    nothing yet: no listener can be reached through these interfaces"
    for exclusion in plan.exclusions:
        yield f"leaves      {exclusion.name}: {exclusion.reason}"
    guards = ", ".join(f"{count} {guard}" for guard, count in plan.never_ban.items())
    yield f"never bans  {guards or 'nobody in particular'}"
    if plan.rung == "XDP":
        lease = format_duration(LEASE_NS[plan.on_death] / SECOND_NS)
        yield f"if it dies  goes on for {lease}, then lets everything pass ({plan.on_death})"
    yield from (f"note        {note}" for note in plan.notes)


def _treatment(service: ServicePlan) -> str:
    if service.mode is ServiceMode.OBSERVE:
        return "only observed, as the settings say"
    how = f"{MECHANISMS[service.mechanism]} ({service.why})" if service.why else ""
    how = how or MECHANISMS[service.mechanism]
    if service.mode is ServiceMode.ARMED:
        return f"{how}; always, as the settings say"
    return f"{how}; above {service.high} pending handshakes of {service.capacity}"


def _why(service: Service, *, nat: bool) -> str:
    if service.mechanism is not Mechanism.STACK:
        return ""
    mptcp = any(target.mptcp for target in service.targets)
    if mptcp:
        return "the listener speaks MPTCP"
    return "NAT rules are here" if nat else "requests cannot be handed over here"
