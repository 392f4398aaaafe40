"""`floodwall report`: the evidence of one incident as a bundle, for people who were not there."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from floodwall.app.configure import Sources
from floodwall.app.past import open_past
from floodwall.bundle.capture import captured
from floodwall.bundle.case import Case, case_of
from floodwall.bundle.contents import contents
from floodwall.bundle.figures import figures_of
from floodwall.bundle.parcel import deliver
from floodwall.bundle.sources import sources_of
from floodwall.bundle.telling import Material, title
from floodwall.bundle.victim import victim_of
from floodwall.cli.incidents import number_of
from floodwall.cli.options import as_json, examples, record
from floodwall.cli.record_lines import say
from floodwall.core.errors import ConfigError
from floodwall.core.settings_report import ReportPolicy
from floodwall.forensics.places import Places
from floodwall.store.history import History

_FILE = click.Path(dir_okay=False, path_type=Path)
_LATEST = "latest"


@click.command(
    name="report",
    epilog=examples(
        "report latest --config /etc/floodwall.toml",
        "report I12 --out i12.zip --pcap attack.pcap",
        "report I12 --mmdb asn.mmdb --json",
    ),
)
@click.argument("incident", metavar="INCIDENT|latest")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder, or FILE.zip; floodwall-I12 here if unsaid.",
)
@click.option("--pcap", type=_FILE, help="A capture of yours: the incident's part is sampled.")
@click.option("--mmdb", multiple=True, type=_FILE, help="Tell country and network by this file.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="Settings file that says who reports."
)
@click.option("--force", is_flag=True, help="Replace a bundle that is there.")
@record
@as_json
def command(
    incident: str,
    *,
    out: Path | None,
    pcap: Path | None,
    mmdb: tuple[Path, ...],
    config: Path | None,
    force: bool,
    record: Path | None,
    as_json: bool,
) -> None:
    """Write the evidence of an incident for a provider's abuse desk.

    A page for browser and print, a summary, tables, a sample of a capture, and SHA-256 sums of all;
    X-ARF 4 reports and letters about proven sources only, if the settings tell who reports.  Reads
    the record, needs no daemon, and sends nothing.  The same incident gives the same bytes.  Exit
    code: 0 written, 2 it was not.
    """
    reporter = Sources(config).read().report
    with open_past(record) as history:
        case = _case(history, incident)
    made, files = _make(case, reporter, pcap, mmdb)
    place = out or Path(f"floodwall-{case.incident.name}")
    deliver(files, place, made.figures.start, force=force)
    if as_json:
        click.echo(json.dumps(_document(made, files, place), indent=1))
        return
    for line in _lines(made, files, place):
        say(line)


def _make(
    case: Case, reporter: ReportPolicy, pcap: Path | None, mmdb: Sequence[Path]
) -> tuple[Material, dict[str, bytes]]:
    victim, seen = victim_of(case.incident.service, reporter.addresses), figures_of(case)
    places = Places(mmdb)
    try:
        found = captured(pcap, case, seen, victim, places) if pcap else None
        notes = () if found else ("no packets: the data plane keeps none, --pcap takes a capture",)
        made = Material(case, victim, seen, sources_of(case), found, notes)
        files, made = contents(made, reporter, places.of)
    finally:
        places.close()
    return made, files


def _case(history: History, text: str) -> Case:
    if text.lower() == _LATEST:
        newest = history.incidents(1)
        number = newest[0].id if newest else None
        if number is None:
            raise ConfigError("no incident is on record")
    else:
        number = number_of(text)
    case = case_of(history, number) if number is not None else None
    if case is None:
        hint = "'floodwall incidents' lists them"
        raise ConfigError(f"there is no incident {text} on record", hint=hint)
    return case


def _document(made: Material, files: Mapping[str, bytes], place: Path) -> dict[str, object]:
    return {
        "incident": made.case.incident.name,
        "place": str(place),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "accused": [str(source.address) for source in made.accused],
        "not_accused": {str(source.network): source.why for source in made.spared},
        "notes": list(made.notes),
    }


def _lines(made: Material, files: Mapping[str, bytes], place: Path) -> list[str]:
    row = made.case.incident
    size = sum(map(len, files.values()))
    letters = sum(name.startswith("xarf/") for name in files)
    return [
        f"{row.name}: {title(row.kind)}, {row.service}",
        f"written    {place}: {len(files)} files, {size:,} bytes",
        f"accused    {len(made.accused)} proven sources; {letters} X-ARF reports",
        *([f"spared     {len(made.spared)} named sources: sources.csv says why"]
          if made.spared else []),
        *(f"not there  {note}" for note in made.notes),
    ]  # fmt: skip
