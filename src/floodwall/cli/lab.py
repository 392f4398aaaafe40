"""`floodwall lab`: rehearses floods on a private network of this machine."""

from pathlib import Path

import click
import msgspec
from click.core import ParameterSource
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from floodwall.cli.options import as_json, examples
from floodwall.core.errors import ConfigError
from floodwall.lab import prerequisites
from floodwall.lab.picture import picture
from floodwall.lab.png import to_png
from floodwall.lab.result import Row, ScenarioResult
from floodwall.lab.run import Request, run_scenario
from floodwall.lab.scenario import Scenario
from floodwall.lab.scenarios import BY_NAME, DEFAULT, SCENARIOS
from floodwall.lab.svg import to_svg
from floodwall.lab.table import show, verdicts
from floodwall.lab.topology import Options
from floodwall.store.rehearsal import note_rehearsal

_ALL = "all"
_INTERRUPTED = 130  # 128 + SIGINT, as shells say
_ROWS = (Row.OFF, Row.ON, Row.FLOODWALL)
_GATEWAY_ROWS = (Row.OFF, Row.ON, Row.SYNPROXY, Row.FLOODWALL)
_ROWS_HELP = "off,on,floodwall,floodwall-generic; of a gateway also synproxy"
_PATH = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("lab", short_help="Rehearse floods on a private network of this machine.")
def command() -> None:
    """Rehearse floods on a private network: real nginx, real clients, forged attackers."""


@command.command("list")
@as_json
def list_scenarios(*, as_json: bool) -> None:
    """Name the scenarios."""
    if as_json:
        click.echo(msgspec.json.encode(SCENARIOS).decode())
        return
    for scenario in SCENARIOS:
        click.echo(f"{scenario.name:14} {scenario.summary}")


class RowList(click.ParamType[tuple[Row, ...]]):
    """Names of rows with commas between them."""

    name = "rows"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Row, ...]:
        """Read the names; anything else is the operator's mistake."""
        if isinstance(value, tuple):
            return value
        names = str(value).split(",")
        known = {row.value for row in Row}
        for name in names:
            if name not in known:
                self.fail(f"{name} is none of {', '.join(sorted(known))}", param, ctx)
        return tuple(Row(name) for name in names)


class Rate(click.ParamType[float]):
    """Packets a second, or `max`, which is told as 0."""

    name = "rate"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read a number above zero, or the word."""
        if value == "max":
            return 0.0
        try:
            rate = float(str(value))
        except ValueError:
            self.fail(f"{value} is neither a number nor max", param, ctx)
        if rate <= 0:
            self.fail("a rate is above 0", param, ctx)
        return rate


@command.command(
    "run",
    epilog=examples(
        "lab run",
        "lab run spoofed --rate 200000",
        "lab run all --json",
        "lab run classic --rows off,floodwall --seconds 30",
        "lab run spoofed --gateway",
    ),
)
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option("--seconds", type=click.FloatRange(1, 600), help="Length of the attack.")
@click.option("--rate", type=Rate(), help="Packets/s of each flood, or max.")
@click.option(
    "--rows", type=RowList(), default=_ROWS, help="off,on,floodwall,floodwall-generic,synproxy"
)
@click.option("--native/--generic", default=True, help="Where in the kernel Floodwall sits.")
@click.option("--gateway", is_flag=True, help="Two servers behind a gateway that translates.")
@click.option("--full", is_flag=True, help="No scenario in its shortened form.")
@click.option("--checksum-offload", is_flag=True, help="Senders leave TCP checksums unfinished.")
@click.option("--svg", type=_PATH, default=Path("floodwall-lab.svg"), help="The picture.")
@click.option("--png", type=_PATH, default=Path("floodwall-lab.png"), help="The same as PNG.")
@as_json
@click.pass_context
def run(
    context: click.Context,
    scenarios: tuple[str, ...],
    *,
    seconds: float | None,
    rate: float | None,
    rows: tuple[Row, ...],
    native: bool,
    gateway: bool,
    full: bool,
    checksum_offload: bool,
    as_json: bool,
    svg: Path,
    png: Path,
) -> None:
    """Run SCENARIOs (`all` for all; quiet and spoofed if none is named) and judge them."""
    prerequisites.require()
    if gateway and context.get_parameter_source("rows") is ParameterSource.DEFAULT:
        rows = _GATEWAY_ROWS
    if not native:
        rows = tuple(Row.GENERIC if row is Row.FLOODWALL else row for row in rows)
    options = Options(checksum_offload=checksum_offload, gateway=gateway)
    if Row.SYNPROXY in rows and not gateway:
        raise ConfigError("synproxy is a row of gateways", hint="add --gateway")
    requests = [
        Request(scenario, rows, seconds, full=full, options=options).at_rate(rate)
        for scenario in _chosen(scenarios, gateway=gateway)
    ]
    results = _run_all(requests)
    if not results:
        context.exit(_INTERRUPTED)
    whole = len(results) == len(requests)
    met = whole and all(result.met for result in results)
    if whole:
        note_rehearsal(len(results), met=met)
    _draw(results, svg, png)
    if as_json:
        click.echo(msgspec.json.encode(results).decode())
    else:
        show(results, Console())
        click.echo(f"Picture: {svg} and {png}")
    context.exit(0 if met else 1 if whole else _INTERRUPTED)


def _chosen(names: tuple[str, ...], *, gateway: bool) -> list[Scenario]:
    """Return the scenarios of these names."""
    if _ALL in names:
        return [each for each in SCENARIOS if not (gateway and each.is_about_processes)]
    for name in names:
        if name not in BY_NAME:
            raise ConfigError(f"there is no scenario {name}", hint="floodwall lab list names them")
    return [BY_NAME[name] for name in names or DEFAULT]


def _run_all(requests: list[Request]) -> list[ScenarioResult]:
    """Run one scenario after the other, with a bar and each verdict for those who watch.

    Ctrl-C ends it with what is finished by then.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    results: list[ScenarioResult] = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        total = progress.add_task("lab", total=sum(request.expected_steps for request in requests))

        def tell(text: str) -> None:
            progress.update(total, description=text, advance=1)

        try:
            for request in requests:
                results.append(run_scenario(request, tell))
                if len(requests) > 1:
                    progress.console.print(verdicts(results[-1:]))
        except KeyboardInterrupt:
            progress.console.print(f"stopped: {len(results)} of {len(requests)} scenarios are done")
    return results


def _draw(results: list[ScenarioResult], svg: Path, png: Path) -> None:
    """Write the picture in both forms."""
    drawing = picture(results)
    svg.write_text(to_svg(drawing))
    png.write_bytes(to_png(drawing))
