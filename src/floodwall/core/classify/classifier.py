"""The classifier: what it remembers, and one second from an observation to verdicts.

Law: pure and bounded.  Nothing read from a store is trusted to be what was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from floodwall.core.classify.derived import Derived, derive, find_loose_flood
from floodwall.core.classify.finding import Finding
from floodwall.core.classify.flow import SHORTEST_S
from floodwall.core.classify.learned import Learned
from floodwall.core.classify.machine import (
    MachineMemory,
    Traffic,
    growth,
    is_reflecting,
    judge_machine,
    read_totals,
)
from floodwall.core.classify.saying import say, say_blind
from floodwall.core.classify.scene import Scene, make_scene
from floodwall.core.classify.service import (
    ServiceMemory,
    advance,
    calm_flows,
    find,
    look,
    remember,
    service_name,
)
from floodwall.core.classify.view import View
from floodwall.core.commands import Limits
from floodwall.core.model import SECOND_NS, Reading, Service
from floodwall.core.observation import Observation
from floodwall.core.verdict import Verdict

REMEMBERED_MAX = 1024
"""Services that are remembered although they are gone: as many as the data plane holds."""

VERSION = 1
"""Of the stored form; another one is not read."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """Everything that is remembered from one second to the next."""

    services: Mapping[int, ServiceMemory] = field(default_factory=dict)
    machine: MachineMemory = field(default_factory=MachineMemory)
    remembered: Mapping[str, Learned] = field(default_factory=dict)
    """Baselines of services that are not there at present, the latest last."""
    at_ns: int | None = None
    derived: Derived = field(default_factory=Derived)
    """What stands for counters where there are none."""
    verdicts: tuple[Verdict, ...] = ()
    """What was said last."""

    def as_json(self) -> dict[str, Any]:
        """Return the baselines as JSON takes them; counters and verdicts end with the daemon."""
        known = dict(self.remembered)
        known |= {memory.name: memory.learned for memory in self.services.values()}
        return {
            "version": VERSION,
            "services": {name: learned.as_json() for name, learned in known.items()},
        }

    @classmethod
    def from_json(cls, stored: object) -> "Classifier":
        """Begin with baselines that were stored; what cannot be read is learned again."""
        if not isinstance(stored, Mapping) or stored.get("version") != VERSION:
            return cls()
        services = stored.get("services")
        if not isinstance(services, Mapping):
            return cls()
        remembered = {
            str(name): Learned.from_json(learned)
            for name, learned in list(services.items())[-REMEMBERED_MAX:]
            if isinstance(learned, Mapping)
        }
        return cls(remembered=remembered)

    def recall(self, stored: "Classifier") -> "Classifier":
        """Add what was stored, and keep what was said since our own start."""
        services = {
            index: replace(memory, learned=stored.remembered[memory.name])
            if memory.name in stored.remembered and not memory.learned.is_old
            else memory
            for index, memory in self.services.items()
        }
        there = {memory.name for memory in services.values()}
        known = {**stored.remembered, **self.remembered}
        remembered = {name: learned for name, learned in known.items() if name not in there}
        return replace(
            self, services=services, remembered=dict(list(remembered.items())[-REMEMBERED_MAX:])
        )


def classify(
    before: Classifier,
    seen: Observation,
    services: tuple[Service, ...],
    limits: Mapping[int, Limits],
) -> tuple[Classifier, tuple[Verdict, ...]]:
    """Say what each service and the machine as a whole go through."""
    if before.at_ns is not None and (seen.now_ns - before.at_ns) / SECOND_NS < SHORTEST_S:
        # Out of turn, by a reload: what has grown since is part of the next second.
        return before, before.verdicts
    scene = make_scene(seen, services, _overflows(before, seen), before.machine.retries)
    known, remembered = _meet(before, services)
    derived = Derived()
    readings: Mapping[int, Reading] = {each.index: each for each in seen.readings or ()}
    if not seen.data_plane:
        derived = derive(before.derived, seen, services, scene.waiting)
        readings = derived.readings
    memories = {
        index: advance(memory, readings[index], seen.now_ns) if index in readings else memory
        for index, memory in known.items()
    }
    present = {index: memories[index] for index in readings.keys() & memories}
    traffic = _traffic(present, seen, services, limits)
    machine, whole = judge_machine(before.machine, seen, traffic, find_loose_flood(derived.loose))
    verdicts = []
    for service in services:
        index = service.index
        memory, wanted = memories[index], limits.get(index)
        if wanted is None:
            verdict = say_blind(index, memory.standing, "its limits")
        elif index in readings or memory.reading is None:
            # Also before its first counters: its queue may have been full when we came.
            view = look(memory, service, wanted, scene)
            found = find(view, reflecting=is_reflecting(machine))
            memories[index], verdict = _conclude(memory, view, found, scene)
        else:
            missing = "its counters" if seen.data_plane else "its queue or the stack's counters"
            verdict = say_blind(index, memory.standing, missing)
        verdicts.append(verdict)
    said = (*verdicts, whole)
    return Classifier(memories, machine, remembered, seen.now_ns, derived, said), said


def _traffic(
    present: Mapping[int, ServiceMemory],
    seen: Observation,
    services: tuple[Service, ...],
    limits: Mapping[int, Limits],
) -> Traffic:
    """Add up what the services of this second say of the machine."""
    last = [memory.flows[-1] for memory in present.values() if memory.flows]
    answered = sum(flow.answered / flow.seconds for flow in last)
    if not seen.data_plane:
        # Cookies of the stack come with a full queue: they are no challenges of a calm service.
        return Traffic(answered, {})
    calm = {
        service.index: calm_flows(
            present[service.index], service, limits[service.index], seen.now_ns
        )
        for service in services
        if service.index in limits and service.index in present
    }
    return Traffic(answered, calm)


def _conclude(
    memory: ServiceMemory, view: View, found: Finding | None, scene: Scene
) -> tuple[ServiceMemory, Verdict]:
    if memory.reading is None and found is None:
        return memory, say_blind(view.service.index, memory.standing, "its first counters")
    memory = remember(memory, view, found, scene)
    return memory, say(view, memory.standing, scene)


def _meet(
    before: Classifier, services: tuple[Service, ...]
) -> tuple[dict[int, ServiceMemory], Mapping[str, Learned]]:
    """Keep who is there, greet who is new with what is remembered, remember who has left."""
    known = {
        service.index: memory
        for service in services
        if (memory := before.services.get(service.index)) is not None and memory.is_of(service)
    }
    if len(known) == len(services) == len(before.services):
        return known, before.remembered
    remembered = dict(before.remembered)
    for index, memory in before.services.items():
        if index not in known:
            remembered.pop(memory.name, None)
            remembered[memory.name] = memory.learned
    for service in services:
        if service.index not in known:
            name = service_name(service.bound, service.device)
            learned = remembered.pop(name, Learned())
            known[service.index] = ServiceMemory(service.bound, service.device, learned=learned)
    return known, dict(list(remembered.items())[-REMEMBERED_MAX:])


def _overflows(before: Classifier, seen: Observation) -> int:
    totals = before.machine.totals
    return growth(totals.overflows, read_totals(seen).overflows) or 0 if totals else 0
