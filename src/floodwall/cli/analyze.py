"""`floodwall analyze`: one account of an attack from logs, captures and socket dumps."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console

from floodwall.app.replay_report import replay_document, replay_lines
from floodwall.cli.analyze_outputs import Wanted, outputs
from floodwall.cli.options import NETWORK, as_json, examples
from floodwall.cli.replaying import replayed
from floodwall.core.address import Network
from floodwall.forensics.account import Account, account_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.outputs import document, terminal
from floodwall.forensics.partial import Partial
from floodwall.forensics.selection import Selection

_FOUND = 1
_UNUSABLE = 2
_EXAMPLES = examples(
    "analyze /var/log/kern.log*",
    "analyze attack.pcap kern.log --json",
    "analyze attack.pcap --html attack.html --csv sources.csv",
    "analyze kern.log.1.gz --year 2004 --zone Europe/Berlin",
    "analyze attack.pcap --replay --settings /etc/floodwall.toml",
    "analyze attack.pcap --port 443 --since 2026-02-28T09:00",
)


class Moment(click.ParamType[datetime]):
    """A time in ISO 8601."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read what the operator wrote."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time like 2026-02-28T09:27:37", param, ctx)


class Zone(click.ParamType[ZoneInfo]):
    """A time zone by its name."""

    name = "ZONE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> ZoneInfo:
        """Read what the operator wrote."""
        if isinstance(value, ZoneInfo):
            return value
        try:
            return ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value} is no zone like Europe/Berlin", param, ctx)


@click.command(name="analyze", epilog=_EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@as_json
@click.option("--year", type=click.IntRange(1970, 9999), help="Year of the first line without one.")
@click.option(
    "--zone", type=Zone(), default="UTC", help="Zone of lines without one; UTC if unsaid."
)
@click.option("--since", type=Moment(), help="Leave out what is older.")
@click.option("--until", type=Moment(), help="Leave out what is younger.")
@click.option("--port", "ports", multiple=True, type=click.IntRange(1, 65535), help="Only these.")
@click.option("--source", "sources", multiple=True, type=NETWORK, help="Only these sources.")
@click.option(
    "--replay", is_flag=True, help="Also tell what Floodwall would have done; needs root."
)
@click.option(
    "--settings", type=click.Path(path_type=Path), help="Settings for --replay, as run takes them."
)
@click.option(
    "--backlog",
    type=click.IntRange(1, 65535),
    default=511,
    show_default=True,
    help="Backlog of every listener for --replay; 511 is nginx's.",
)
@outputs
def command(
    files: tuple[str, ...],
    *,
    wanted: Wanted,
    replay: bool,
    settings: Path | None,
    backlog: int,
    as_json: bool,
    year: int | None,
    zone: ZoneInfo,
    since: datetime | None,
    until: datetime | None,
    ports: tuple[int, ...],
    sources: tuple[Network, ...],
) -> None:
    """Tell what happened: reads logs, captures and socket dumps, compressed or not.

    What each FILE is, its content tells; - is the standard input.  Needs no root and no daemon.
    Exit code: 0 no attack found; 1 an attack was found; 2 no input could be read; 3 --replay
    without the privileges that it needs.
    """
    wanted.check(files)
    selection = Selection(_seconds(since, zone), _seconds(until, zone), ports, sources)
    plain = zone.key == "UTC"
    options = Options(year, None if plain else zone, zone.key, selection)
    whole = Partial()
    for path in files:
        whole.merge(read_input(path, options))
    account = account_of(whole)
    again = replayed(files, settings, backlog) if replay else None
    if as_json:
        click.echo(document.as_json(account, replay_document(again) if again else None))
    else:
        terminal.show(account, Console(highlight=False))
        for line in replay_lines(again) if again else ():
            click.echo(line)
    wanted.write(whole, account)
    raise SystemExit(_exit_code(account))


def _seconds(moment: datetime | None, zone: ZoneInfo) -> float | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def _exit_code(account: Account) -> int:
    if account.is_attack:
        return _FOUND
    failed = all(item.errors and not item.records for item in account.inputs)
    return _UNUSABLE if failed else 0
