"""The bundle's summary in plain text, for the body of a mail or a field of a form."""

import textwrap
from collections.abc import Iterator, Sequence

from floodwall import __version__
from floodwall.bundle.sources import WHY, Source, by_prefix
from floodwall.bundle.telling import Material, sentences, title
from floodwall.forensics.finding import Fingerprint
from floodwall.forensics.outputs.sentences import TITLES
from floodwall.forensics.outputs.sentences import sentences as account_of
from floodwall.forensics.outputs.table import Place
from floodwall.forensics.words import printable

_WIDE = 78
_TOP = 20
_LONGEST = 1_000


def summary(made: Material, place: Place) -> bytes:
    """Return the text: lines of at most 78 columns, and nothing that steers a terminal."""
    lines = [
        f"INCIDENT {made.case.incident.name}: {title(made.case.incident.kind)}",
        "Times are UTC.",
        "",
        *_said(sentences(made)),
        "",
        *_sources(made, place),
        "",
        "FINGERPRINTS",
        *_fingerprints(made),
        "",
        *_capture(made),
        *_notes(made),
        f"Made by floodwall report {__version__} from the record of the attacked machine.",
    ]
    return "".join(f"{printable(line, _LONGEST)}\n" for line in lines).encode()


def fingerprints(made: Material) -> list[Fingerprint]:
    """Return the forms of SYN of all findings, the most frequent first."""
    account = made.captured.account if made.captured else None
    found = [shape for one in account.findings for shape in one.fingerprints] if account else []
    return sorted(found, key=lambda shape: -shape.requests)


def _said(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    for word, text in rows:
        yield from textwrap.wrap(
            printable(text, _LONGEST),
            _WIDE,
            initial_indent=f"{word:<12}",
            subsequent_indent=" " * 12,
        )


def _sources(made: Material, place: Place) -> Iterator[str]:
    yield f"PROVEN SOURCES ABOVE A LIMIT: {len(made.accused)}"
    for prefix, group in by_prefix(made.accused)[:_TOP]:
        country, network = place(group[0].address)
        where = " ".join(part for part in (country, network) if part)
        yield f"  {prefix}  {len(group)} {'source' if len(group) == 1 else 'sources'}  {where}"
        yield from (f"    {_source(source)}" for source in group[:_TOP])
        if len(group) > _TOP:
            yield f"    and {len(group) - _TOP} more in sources.csv"
    if made.spared:
        yield ""
        yield f"NAMED AND NOT ACCUSED: {len(made.spared)} (sources.csv says why of each)"
    yield ""
    yield from textwrap.wrap(WHY, _WIDE)


def _source(source: Source) -> str:
    first = source.decisions[0]
    measured = next((str(each["text"]) for each in first.evidence if each.get("text")), first.rule)
    return f"{source.address}  since {first.at[:19]}Z: {measured}"


def _fingerprints(made: Material) -> Iterator[str]:
    shapes = fingerprints(made)
    if made.captured is None:
        yield "  none on record: they need a capture (floodwall report --pcap)"
    elif not shapes:
        yield "  no form of SYN stands out in the capture"
    for shape in shapes[:_TOP]:
        yield (
            f"  {shape.requests:,} x options {shape.options or 'none'}, window {shape.window}, "
            f"MSS {shape.mss or '-'}, TTL {shape.ttl or '-'}, flags {shape.flags}"
        )


def _capture(made: Material) -> Iterator[str]:
    found = made.captured
    if found is None:
        return
    yield f"CAPTURE, {found.window}: {found.frames} sampled frames"
    for finding in found.account.findings[:_TOP]:
        yield f"  {TITLES[finding.kind]}, {finding.confidence:.0%} sure"
        yield from (f"    {line}" for line in _said(account_of(finding)))
    yield ""


def _notes(made: Material) -> Iterator[str]:
    for note in made.notes:
        yield from textwrap.wrap(f"Note: {note}.", _WIDE)
    if made.notes:
        yield ""
