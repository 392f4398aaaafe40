"""The account for programs: JSON whose schema is docs/analyze.schema.json."""

import json
import math
from dataclasses import asdict
from typing import Any

from floodwall.core.verdict import Interval
from floodwall.forensics.account import Account
from floodwall.forensics.evidence import ClockAssumption, Input
from floodwall.forensics.finding import Finding, Handshakes, Hint, Rate, Sources, Spoofing, Talker
from floodwall.forensics.moments import iso

SCHEMA = "floodwall.analyze/1"
_DIGITS = 6


def document(account: Account) -> dict[str, Any]:
    """Return the account as plain values."""
    return {
        "schema": SCHEMA,
        "verdict": account.verdict.value if account.verdict else "none",
        "attack": account.is_attack,
        "findings": [_finding(finding) for finding in account.findings],
        "hints": [_hint(hint) for hint in account.hints],
        "packets": {name: getattr(account.packets, name) for name in account.packets.__slots__},
        "inputs": [_input(item) for item in account.inputs],
    }


def as_json(account: Account, replay: dict[str, Any] | None = None) -> str:
    """Return the account as JSON text; ASCII only, so no terminal is disturbed by it."""
    whole = document(account) | ({} if replay is None else {"replay": replay})
    return json.dumps(whole, indent=1, allow_nan=False)


def _finding(finding: Finding) -> dict[str, Any]:
    relative = finding.relative
    return {
        "kind": finding.kind.value,
        "attack": finding.kind.is_attack,
        "confidence": _rounded(finding.confidence),
        "start": iso(finding.start, relative=relative),
        "end": iso(finding.end, relative=relative),
        "duration_s": _duration(finding),
        "victims": [
            {"address": str(victim.address) if victim.address else None, "port": victim.port}
            for victim in finding.victims
        ],
        "requests": {
            "observed": finding.requests.observed,
            "suppressed": finding.requests.suppressed,
            "total": finding.requests.total,
            "reason": finding.requests.reason,
        },
        "rate": _rate(finding.rate, relative=relative),
        "sources": _sources(finding.sources, relative=relative),
        "spoofing": _spoofing(finding.spoofing),
        "handshakes": _handshakes(finding.handshakes, relative=relative),
        "fingerprints": [asdict(shape) for shape in finding.fingerprints],
        "source_ports": list(finding.source_ports),
        "ttls": [{"ttl": ttl, "requests": count} for ttl, count in finding.ttls],
        "evidence": [asdict(item) for item in finding.evidence],
        "notes": list(finding.notes),
    }


def _duration(finding: Finding) -> float | None:
    if finding.start is None or finding.end is None:
        return None
    return _rounded(finding.end - finding.start)


def _rate(rate: Rate, *, relative: bool) -> dict[str, Any]:
    return {
        "mean": _rounded(rate.mean),
        "peak": _rounded(rate.peak),
        "lowest": _rounded(rate.lowest),
        "reason": rate.reason,
        "series": [
            {"at": iso(at, relative=relative), "rate": _rounded(value)} for at, value in rate.series
        ],
    }


def _sources(sources: Sources, *, relative: bool) -> dict[str, Any]:
    return {
        "distinct": sources.distinct,
        "exact": sources.exact,
        "low": sources.low,
        "high": sources.high,
        "reason": sources.reason,
        "top": [_talker(one, relative=relative) for one in sources.top],
        "top_endpoints": [_talker(one, relative=relative) for one in sources.endpoints],
        "top_prefixes": [_talker(one, relative=relative) for one in sources.prefixes],
        "spaces": [asdict(space) for space in sources.spaces],
    }


def _talker(talker: Talker, *, relative: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"source": talker.name, "requests": talker.requests}
    if talker.naive is not None:
        shown["naive_reading"] = talker.naive
    if talker.error:
        shown["may_be_too_low_by"] = talker.error
    times = {"first": talker.first, "last": talker.last}
    shown |= {name: iso(at, relative=relative) for name, at in times.items()}
    named = {"country": talker.country, "network": talker.network}
    return shown | {name: value for name, value in named.items() if value}


def _spoofing(spoofing: Spoofing) -> dict[str, Any]:
    index = spoofing.index or Interval(math.nan, math.nan, math.nan)
    return {
        "index": _rounded(index.value),
        "low": _rounded(index.low),
        "high": _rounded(index.high),
        "basis": spoofing.basis,
        "indirect": list(spoofing.indirect),
    }


def _handshakes(handshakes: Handshakes | None, *, relative: bool) -> dict[str, Any] | None:
    if handshakes is None:
        return None
    return {
        "started": handshakes.started,
        "answered": handshakes.answered,
        "completed": handshakes.completed,
        "repeated_while_half_open": handshakes.repeated,
        "longest_half_open_s": _rounded(handshakes.longest_s),
        "longest_half_open": [_talker(one, relative=relative) for one in handshakes.longest],
        "exact": handshakes.exact,
    }


def _hint(hint: Hint) -> dict[str, Any]:
    return {
        "name": hint.name,
        "count": hint.count,
        "text": hint.text,
        "first": iso(hint.first),
        "last": iso(hint.last),
        "details": list(hint.details),
    }


def _input(item: Input) -> dict[str, Any]:
    return {
        "path": item.path,
        "format": item.format.value,
        "records": item.records,
        "errors": list(item.errors),
        "notes": list(item.notes),
        "clock": _clock(item.clock),
    }


def _clock(clock: ClockAssumption) -> dict[str, Any]:
    return {
        "year": clock.year,
        "zone": clock.zone,
        "how": clock.how,
        "ambiguous": list(clock.ambiguous),
    }


def _rounded(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(value, _DIGITS)
