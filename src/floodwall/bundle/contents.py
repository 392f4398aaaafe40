"""All files of a bundle, made in memory: the same case makes the same bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import msgspec

from floodwall.bundle.case import ROWS_MAX, Case
from floodwall.bundle.letter import letter_of
from floodwall.bundle.page import page
from floodwall.bundle.sources import Source
from floodwall.bundle.summary import summary
from floodwall.bundle.tables import (
    decisions_csv,
    events_csv,
    series_csv,
    sources_csv,
    verdicts_csv,
)
from floodwall.bundle.telling import Material
from floodwall.bundle.xarf import as_bytes, xarf_of
from floodwall.bundle.xarf_rules import violations
from floodwall.core.settings_report import ReportPolicy
from floodwall.forensics.outputs.table import Place

SUMS: Final = "SHA256SUMS"
LETTERS_MAX: Final = 1_000
"""So many sources are reported one by one; the CSV holds all."""

_SCHEMA: Final = "floodwall.report/1"
Files = Mapping[str, bytes]


def contents(
    made: Material, reporter: ReportPolicy, place: Place
) -> tuple[dict[str, bytes], Material]:
    """Return the files by name, and the material with what turned out to be missing."""
    letters, notes = _letters(made, reporter)
    made = replace(made, notes=(*made.notes, *notes, *_cuts(made.case)))
    files = {
        "report.html": page(made, place),
        "summary.txt": summary(made, place),
        "incident.json": _document(made),
        "series.csv": series_csv(made.case),
        "verdicts.csv": verdicts_csv(made.case),
        "decisions.csv": decisions_csv(made.case),
        "events.csv": events_csv(made.case),
        "sources.csv": sources_csv(made.sources, place),
        **letters,
    }
    if made.captured is not None and made.captured.sample:
        files["sample.pcap"] = made.captured.sample
    files[SUMS] = sums(files)
    return files, made


def sums(files: Files) -> bytes:
    """Return what `sha256sum --check` reads."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def _letters(made: Material, reporter: ReportPolicy) -> tuple[dict[str, bytes], list[str]]:
    accused = made.accused
    if not accused:
        return {}, []
    if not reporter.complete:
        why = "no X-ARF report and no letter: report.organisation and report.contact are not set"
        return {}, [why]
    files: dict[str, bytes] = {}
    notes = []
    for source in accused[:LETTERS_MAX]:
        report = xarf_of(made.case, source, made.victim, reporter)
        if wrong := "; ".join(violations(report)):
            notes.append(f"no X-ARF report about {source.address}: {wrong}")
            continue
        name = _file_name(source)
        files[f"xarf/{name}.json"] = as_bytes(report)
        files[f"letters/{name}.eml"] = letter_of(made.case, source, made.victim, reporter, report)
    if len(accused) > LETTERS_MAX:
        notes.append(f"X-ARF reports about {LETTERS_MAX} of {len(accused)} sources, the worst")
    return files, notes


def _file_name(source: Source) -> str:
    """Return the address as a name that every file system takes."""
    return str(source.address).replace(":", "-")


def _cuts(case: Case) -> list[str]:
    return [f"more than {ROWS_MAX:,} rows of a kind: the newest are told"] if case.cut else []


def _document(made: Material) -> bytes:
    """Write everything for a program, as `floodwall incidents --json` has it and more."""
    case = made.case
    document = {
        "schema": _SCHEMA,
        **msgspec.to_builtins(case.incident),
        "victim": {"addresses": list(map(str, made.victim.addresses)), "port": made.victim.port},
        "verdicts": case.verdicts,
        "decisions": case.decisions,
        "events": case.events,
        "series": case.series,
        "sources": [
            {"network": str(one.network), "accused": one.accused, "why": one.why}
            for one in made.sources
        ],
        "notes": list(made.notes),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
