"""One scenario on its systems under test, each from an empty machine back to an empty machine."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Self

from floodwall.lab.bars import judge
from floodwall.lab.cast import cast
from floodwall.lab.leaks import LeakWatch
from floodwall.lab.meter import Meter
from floodwall.lab.nginx import BACKLOG, nginx
from floodwall.lab.play import Stage
from floodwall.lab.result import Row, RowResult, ScenarioResult
from floodwall.lab.scenario import Scenario
from floodwall.lab.sink import sink
from floodwall.lab.timeline import Timeline
from floodwall.lab.topology import Options, topology
from floodwall.lab.wakefulness import awake

Tell = Callable[[str], None]
_STEPS = 3  # setting up, attack, looking for leaks


@dataclass(frozen=True, slots=True)
class Request:
    """What is run: a scenario, its length if not its own, rows, and the network's options."""

    scenario: Scenario
    rows: tuple[Row, ...]
    seconds: float | None = None
    full: bool = False
    options: Options = field(default_factory=Options)

    @property
    def expected_steps(self) -> int:
        """How often `tell` will be called."""
        return _STEPS * len(self.rows)

    def at_rate(self, rate_pps: float | None) -> Self:
        """Return the same with another rate for every flood: 0 is the highest, None the own."""
        if rate_pps is None:
            return self
        floods = tuple(replace(one, rate_pps=rate_pps or None) for one in self.scenario.floods)
        return replace(self, scenario=replace(self.scenario, floods=floods))


def run_scenario(request: Request, tell: Tell) -> ScenarioResult:
    """Run a scenario on every row and hold it against its bar."""
    scenario = request.scenario
    timeline = Timeline.plan(scenario, request.seconds, full=request.full)
    rows = tuple(_run_row(request, row, timeline, tell) for row in request.rows)
    note = "" if request.full else scenario.note
    checks = judge(scenario.bar, rows)
    return ScenarioResult(scenario.name, timeline.seconds, note, rows, checks)


def _run_row(request: Request, row: Row, timeline: Timeline, tell: Tell) -> RowResult:
    """Set everything up, let it play, take everything down, and look for what is left."""
    watch = LeakWatch()
    scenario = request.scenario
    tell(f"{scenario.name}: {row.label}: setting up")
    with ExitStack() as built:
        built.enter_context(awake())
        options = replace(request.options, attackers=scenario.crowd is not None)
        network = built.enter_context(topology(options))
        watch.note_topology(network)
        network.server.write_sysctl("ipv4.tcp_syncookies", int(row is Row.ON))
        if scenario.backlog < BACKLOG:  # a small queue is small for strangers too
            network.server.write_sysctl("ipv4.tcp_max_syn_backlog", scenario.backlog)
        router_end = network.server_line.router_end
        answers = built.enter_context(sink(network.router, router_end))
        server = built.enter_context(
            nginx(
                network.server,
                network.server_cpu,
                scenario.backlog,
                scenario.more_ports,
                scenario.descriptors,
            )
        )
        meter = Meter(network, answers)
        stage = built.enter_context(Stage(row, network, meter, watch, scenario))
        if scenario.defended_after_s is None:
            stage.defend()
        everybody = built.enter_context(cast(network, scenario, timeline))
        for process in (server, os.getpid(), *everybody.processes):
            watch.note_process(process)
        tell(f"{scenario.name}: {row.label}: {timeline.seconds:.0f} s of attack")
        played = stage.play(everybody, timeline)
    tell(f"{scenario.name}: {row.label}: looking for leaks")
    return played.result(row, watch.leaks())
