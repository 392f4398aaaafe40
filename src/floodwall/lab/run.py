"""One scenario on its systems under test, each from an empty machine back to an empty machine."""

import os
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from typing import Self

from floodwall.core.errors import ConfigError
from floodwall.lab.bars import HALF_OPEN_BEHIND, SHARE_OF_SYNPROXY, judge
from floodwall.lab.behind import SETTINGS, Lookout, servers, synproxy
from floodwall.lab.cast import cast
from floodwall.lab.leaks import LeakWatch
from floodwall.lab.meter import Meter
from floodwall.lab.nginx import BACKLOG, PORT, nginx
from floodwall.lab.play import Stage
from floodwall.lab.result import Row, RowResult, ScenarioResult
from floodwall.lab.scenario import Scenario
from floodwall.lab.sink import sink
from floodwall.lab.timeline import Timeline
from floodwall.lab.topology import Options, Topology, topology
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

    def behind_a_gateway(self) -> Self:
        """Return the same with what only a gateway has to be told and judged by."""
        scenario = self.scenario
        if scenario.is_about_processes:
            raise ConfigError(
                f"{scenario.name} is about the server's own processes, which a gateway has not",
                hint="--gateway goes with floods of SYNs and ACKs",
            )
        dear = scenario.bar.cpu_share_of_cookies is not None
        bar = replace(
            scenario.bar,
            cpu_share_of_cookies=None,
            cpu_share_of_synproxy=SHARE_OF_SYNPROXY if dear else None,
            half_open_behind=HALF_OPEN_BEHIND,
        )
        settings = scenario.settings + SETTINGS
        return replace(self, scenario=replace(scenario, bar=bar, settings=settings))


def run_scenario(request: Request, tell: Tell) -> ScenarioResult:
    """Run a scenario on every row and hold it against its bar."""
    if request.options.gateway:
        request = request.behind_a_gateway()
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
        lookout, serving = _serve(request, row, network, built)
        meter = Meter(network, answers)
        stage = built.enter_context(Stage(row, network, meter, watch, scenario))
        if scenario.defended_after_s is None:
            stage.defend()
        everybody = built.enter_context(cast(network, scenario, timeline))
        for process in (*serving, os.getpid(), *everybody.processes):
            watch.note_process(process)
        tell(f"{scenario.name}: {row.label}: {timeline.seconds:.0f} s of attack")
        with lookout or nullcontext():
            played = stage.play(everybody, timeline)
        behind = lookout.seen() if lookout else None
    tell(f"{scenario.name}: {row.label}: looking for leaks")
    return replace(played.result(row, watch.leaks()), behind=behind)


def _serve(
    request: Request, row: Row, network: Topology, built: ExitStack
) -> tuple[Lookout | None, tuple[int, ...]]:
    """Start nginx on the server, or behind it; return who looks there, and the processes."""
    scenario, cpu = request.scenario, network.server_cpu
    more = scenario.more_ports
    if not request.options.gateway:
        alone = nginx(network.server, cpu, scenario.backlog, more, scenario.descriptors)
        return None, (built.enter_context(alone),)
    ports = (PORT, *more)
    both = built.enter_context(servers(network.server, network.token, cpu, ports))
    if row is Row.SYNPROXY:
        rules, sysctls = synproxy(ports)
        network.server.run(["nft", "-f", "-"], rules)
        for name, value in sysctls.items():
            network.server.write_sysctl(name, value)
    return Lookout(both.namespaces), both.pids
