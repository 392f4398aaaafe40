"""`floodwall analyze`: one account of an attack from logs, captures and socket dumps."""

from pathlib import Path

import click
from rich.console import Console

from floodwall.app.replay_report import replay_document, replay_lines
from floodwall.cli.analyze_modes import alone, comparing, exit_code, following
from floodwall.cli.analyze_outputs import Wanted, outputs
from floodwall.cli.analyze_progress import read_all
from floodwall.cli.analyze_reading import reading
from floodwall.cli.options import as_json, examples
from floodwall.cli.replaying import replayed
from floodwall.forensics.account import account_of
from floodwall.forensics.inputs import Options
from floodwall.forensics.outputs import document, terminal

_EXAMPLES = examples(
    "analyze /var/log/kern.log*",
    "analyze attack.pcap kern.log --json",
    "analyze attack.pcap --html attack.html --csv sources.csv",
    "analyze attack.pcap --pcap-sample sample.pcap --mmdb country.mmdb --mmdb asn.mmdb",
    "analyze kern.log.1.gz --year 2004 --zone Europe/Berlin",
    "analyze attack.pcap --replay --settings /etc/floodwall.toml",
    "analyze --follow /var/log/kern.log",
    "analyze --compare monday.pcap tuesday.pcap",
    "analyze attack.pcap --port 443 --since 2026-02-28T09:00",
)


@click.command(name="analyze", epilog=_EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1)
@as_json
@click.option("--follow", is_flag=True, help="Keep reading one growing log; tell what is new.")
@click.option("--compare", nargs=2, metavar="A B", help="Tell how two attacks resemble each other.")
@reading
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
    follow: bool,
    compare: tuple[str, str] | None,
    replay: bool,
    settings: Path | None,
    backlog: int,
    as_json: bool,
    options: Options,
) -> None:
    """Tell what happened: reads logs, captures and socket dumps, compressed or not.

    What each FILE is, its content tells; - is the standard input.  Needs no root and no daemon.
    Exit code: 0 no attack found; 1 an attack was found; 2 no input could be read; 3 --replay
    without the privileges that it needs.
    """
    if compare is not None:
        alone("--compare", files, wanted, also=replay or follow)
        raise SystemExit(comparing(*compare, options, as_json=as_json))
    if not files:
        raise click.UsageError("Missing argument 'FILE...'.")
    if follow:
        alone("--follow", files[1:], wanted, also=replay)
        raise SystemExit(following(files[0], options, as_json=as_json))
    wanted.check(files)
    places = wanted.places()
    whole = read_all(files, options)
    account = places.located(account_of(whole))
    again = replayed(files, settings, backlog) if replay else None
    if as_json:
        click.echo(document.as_json(account, replay_document(again) if again else None))
    else:
        terminal.show(account, Console(highlight=False))
        for line in replay_lines(again) if again else ():
            click.echo(line)
    wanted.write(whole, account, files, options.selection, places)
    raise SystemExit(exit_code(account))
