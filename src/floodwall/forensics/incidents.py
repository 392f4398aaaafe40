"""Incidents that Floodwall itself recorded, as `floodwall incidents --json` prints them."""

import json
import sys
from dataclasses import dataclass
from datetime import datetime

from floodwall.core.address import Address
from floodwall.core.service_name import endpoint_of
from floodwall.core.verdict import Kind as LiveKind
from floodwall.forensics.finding import OF_LIVE, Kind
from floodwall.forensics.words import printable

MOST_BYTES = 32 << 20
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of the record."""

    kind: Kind | None
    """None for kinds that have no word here."""
    called: str
    address: Address | None
    port: int
    opened: float | None
    closed: float | None
    """None while it goes on."""
    peak: float | None
    """The largest number of SYNs a second that was recorded, if one was."""


def read_incidents(content: bytes) -> tuple[list[Incident], str]:
    """Return the incidents of a document, and what is wrong with it."""
    if len(content) > MOST_BYTES:
        return [], f"incidents of more than {MOST_BYTES >> 20} MiB are not read"
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return [], "not the JSON that `floodwall incidents --json` prints"
    rows = document if isinstance(document, list) else [document]
    return [_incident(row) for row in rows[:_MOST] if isinstance(row, dict)], ""


def _incident(row: dict[str, object]) -> Incident:
    called = printable(str(row.get("kind", "")))
    known = {live.value: live for live in LiveKind}
    live = known.get(called)
    address, port = endpoint_of(str(row.get("service", "")))
    peak = row.get("peak")
    facts = peak if isinstance(peak, dict) else {}
    numbers = [facts[name] for name in ("syns", "asked", "syn_rate") if name in facts]
    most = next((one for one in numbers if isinstance(one, int | float)), None)
    return Incident(
        OF_LIVE.get(live) if live else None,
        called,
        address,
        port,
        _moment(row.get("opened")),
        _moment(row.get("closed")),
        None if most is None or abs(most) > sys.float_info.max else float(most),
    )


def _moment(value: object) -> float | None:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return None
