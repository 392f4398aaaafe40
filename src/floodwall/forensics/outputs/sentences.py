"""What a finding says in plain words, for terminals and browsers alike."""

from typing import Final

from floodwall.forensics.finding import Finding, Handshakes, Kind
from floodwall.forensics.moments import duration, iso

TITLES: Final = {
    Kind.SYN_FLOOD: "SYN flood",
    Kind.ACK_FLOOD: "ACK flood",
    Kind.CONNECTION_FLOOD: "connection flood",
    Kind.SYNACK_REFLECTION: "SYN-ACK reflection",
    Kind.SYN_SCAN: "scan",
    Kind.BACKSCATTER: "backscatter of a flood elsewhere",
    Kind.SLOW_APPLICATION: "slow application",
    Kind.FLASH_CROWD: "flash crowd",
}


def sentences(finding: Finding) -> list[tuple[str, str]]:
    """Return what is known about a finding, each with the word in front of it or none."""
    requests, spoofing = finding.requests, finding.spoofing
    start, end = finding.start, finding.end
    lasted = f"  ({duration(end - start)})" if start is not None and end is not None else ""
    victims = ", ".join(
        f"{v.address or 'unnamed'} port {v.port or 'any'}" for v in finding.victims[:8]
    )
    more = len(finding.victims) - 8
    total = f"{requests.total:,}"
    if requests.suppressed:
        total += f" = {requests.observed:,} observed + {requests.suppressed:,} suppressed"
    rows = [
        ("from", iso(start, relative=finding.relative) or "unknown"),
        ("to", (iso(end, relative=finding.relative) or "unknown") + lasted),
        ("against", victims + (f" and {more} more" if more > 0 else "")),
        ("requests", total),
        ("", requests.reason),
        ("per second", _rates(finding)),
        ("sources", _distinct(finding)),
        ("forged", _forged(finding)),
    ]
    rows += [("", text) for text in spoofing.indirect]
    if shakes := finding.handshakes:
        rows.append(("handshakes", _handshakes(shakes)))
    rows += [("because", item.text) for item in finding.evidence]
    rows += [("note", note) for note in finding.notes]
    return [(name, value) for name, value in rows if value]


def _handshakes(shakes: Handshakes) -> str:
    return (
        f"{shakes.started:,} started, {shakes.answered:,} answered, "
        f"{shakes.completed:,} completed; {shakes.repeated:,} repeats while half-open, "
        f"longest half-open {duration(shakes.longest_s)}"
    )


def _rates(finding: Finding) -> str:
    rate = finding.rate
    if rate.mean is None:
        return f"unknown: {rate.reason}"
    known = [("mean", rate.mean), ("peak", rate.peak), ("lowest", rate.lowest)]
    return ", ".join(f"{name} {value:,.1f}" for name, value in known if value is not None)


def _distinct(finding: Finding) -> str:
    sources = finding.sources
    if sources.exact:
        return "1 address" if sources.distinct == 1 else f"{sources.distinct:,} different addresses"
    return (
        f"about {sources.distinct:,} different addresses "
        f"(95 %: {sources.low:,} to {sources.high:,})"
    )


def _forged(finding: Finding) -> str:
    index = finding.spoofing.index
    if index is None:
        return f"unknown: {finding.spoofing.basis}"
    return (
        f"{index.value:.1%} never completed (95 %: {index.low:.1%} to {index.high:.1%}); "
        f"{finding.spoofing.basis}"
    )
