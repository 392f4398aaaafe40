"""The case in sentences: what happened, to whom, whether users got in, and what was done."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from floodwall.bundle.capture import Captured
from floodwall.bundle.case import Case
from floodwall.bundle.figures import Figures, Rate
from floodwall.bundle.sources import Source
from floodwall.bundle.victim import Victim
from floodwall.core.incidents import WORDS
from floodwall.core.verdict import Kind
from floodwall.forensics.moments import duration
from floodwall.store.rows import VerdictRow

Said = tuple[str, str]
"""The word in front of a fact, and the fact."""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a bundle is made of."""

    case: Case
    victim: Victim
    figures: Figures
    sources: Sequence[Source]
    captured: Captured | None = None
    notes: Sequence[str] = ()
    """What is missing in the bundle, and why."""

    @property
    def accused(self) -> list[Source]:
        """Return the sources that are accused."""
        return [source for source in self.sources if source.accused]

    @property
    def spared(self) -> list[Source]:
        """Return the sources that are named and not accused."""
        return [source for source in self.sources if not source.accused]


def title(kind: str) -> str:
    """Return what a kind is called; an unknown one by its name."""
    return WORDS[Kind(kind)] if kind in set(Kind) else kind


def is_attack(kind: str) -> bool:
    """Tell whether somebody meant harm."""
    return kind in set(Kind) and Kind(kind).is_attack


def sentences(made: Material) -> list[Said]:
    """Return what is known, the most important first."""
    row, seen = made.case.incident, made.figures
    lasted = "" if seen.lasted_s is None else f"  ({duration(seen.lasted_s)})"
    ended = f"{row.closed}{lasted}" if row.closed else f"goes on; last seen {_last(made)}{lasted}"
    return [
        ("victim", f"{made.victim}; service {row.service}"),
        ("from", row.opened),
        ("to", ended),
        ("attack", _verdict(made.case.verdicts) or title(row.kind)),
        *_rates(seen.rates),
        ("users", _users(seen)),
        ("done", _done(made)),
        ("sources", _sources(made)),
    ]


def _last(made: Material) -> str:
    return made.case.series[-1].at if made.case.series else made.case.incident.opened


def _verdict(verdicts: Sequence[VerdictRow]) -> str:
    """Return the surest verdict of an attack, or the surest of all."""
    best = max(verdicts, key=lambda row: (is_attack(row.kind), row.confidence), default=None)
    if best is None:
        return ""
    index = ""
    if best.spoof_index:
        share, low, high = best.spoof_index
        index = f"; {share:.1%} of challenged SYNs unanswered (95 %: {low:.1%} to {high:.1%})"
    return f"{title(best.kind)}, {best.confidence:.0%} sure{index}"


def _rates(rates: dict[str, Rate]) -> Iterator[Said]:
    told = (
        ("SYNs", "syns", "SYN/s", "SYNs"),
        ("challenged", "challenged", "a second", "SYNs"),
        ("proven", "proven", "a second", "handshakes with a cookie"),
        ("completed", "completed", "a second", "handshakes"),
        ("dropped", "dropped", "a second", "packets"),
    )
    for word, name, unit, what in told:
        if rate := rates.get(name):
            rates_told = f"peak {rate.peak:,.0f} {unit}, mean {rate.mean:,.0f}"
            yield word, f"{rates_told}; about {rate.total:,.0f} {what} in all"
    if bits := rates.get("received_bit_s"):
        received = f"peak {bits.peak / 1e6:,.1f} Mbit/s, mean {bits.mean / 1e6:,.1f}"
        whole = f"about {bits.total / 8e6:,.1f} MB in all, of the whole machine and all traffic"
        yield "volume", f"{received}; {whole}"
    if not rates:
        yield "rates", "none are on record"


def _users(seen: Figures) -> str:
    if not seen.asked:
        return "not measured: no canary was sent"
    share = seen.connected / seen.asked
    return (
        f"a handshake of our own succeeded in {seen.connected:,} of {seen.asked:,} seconds "
        f"({share:.1%})"
    )


def _done(made: Material) -> str:
    acts = Counter(row.act for row in made.case.decisions)
    told = [f"{count} x {act}" for act, count in acts.items() if "incident" not in act]
    return ", ".join(told) or "nothing but looking on"


def _sources(made: Material) -> str:
    accused, spared = len(made.accused), len(made.spared)
    if not made.sources:
        return "no single source is on record: nobody is accused"
    return (
        f"{accused:,} proven and above a limit of connections, {spared:,} named by other "
        "decisions and not accused"
    )
