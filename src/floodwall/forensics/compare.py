"""How two attacks resemble each other: what both have, of what each has.

Law: a share of things that were sampled, not listed, carries its interval or is not told.  Forged
sources resemble each other by chance; how often is computed, and told beside what was found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from floodwall.core.proportion import wilson
from floodwall.core.verdict import Interval
from floodwall.forensics.account import Account, account_of
from floodwall.forensics.distinct import STANDARD_ERROR, Z95
from floodwall.forensics.evidence import words_of
from floodwall.forensics.group import prefixes_of
from floodwall.forensics.hashing import Hashes, hash_columns
from floodwall.forensics.partial import Partial
from floodwall.forensics.tally import Rows

_IPV4 = 1 << 32
_MAPPED = 0xFFFF
_TEN = np.uint64(10)  # bits of a class of source ports
_MOSTLY = 0.5
_HARDLY = 0.05
_ENOUGH = 100  # sources of each; of fewer, chance is no explanation worth telling
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two attacks."""

    path: str
    account: Account
    partial: Partial


@dataclass(frozen=True, slots=True)
class Aspect:
    """One way to compare: things like addresses or forms of SYN, and who had which."""

    name: str
    in_a: int
    in_b: int
    both: int
    of_a: Interval | None
    """Share of the things of A that B had too, with its 95 % interval; None if A had none."""
    of_b: Interval | None
    alike: float | None
    """Share of requests in common: 1 if both spread theirs over the same things in the same
    parts, 0 if they share none; None where not every thing is known with its count."""
    exact: bool = True
    chance: float | None = None
    """How many both would have, had each drawn its own at random; None where that says nothing."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two attacks beside each other."""

    a: Side
    b: Side
    aspects: tuple[Aspect, ...]
    conclusions: tuple[str, ...]


def side_of(partial: Partial) -> Side:
    """Return one side: the evidence of one input, and its account."""
    return Side(partial.inputs[0].path, account_of(partial), partial)


def compare(a: Side, b: Side) -> Comparison:
    """Return what both have of what each has; of attacks if there are any, else of everything."""
    pairs = [_attack(side, side.partial.pairs.rows()) for side in (a, b)]
    shapes = [_attack(side, side.partial.shapes.rows()) for side in (a, b)]
    ends = [_attack(side, side.partial.endpoints.rows()) for side in (a, b)]
    aspects = (
        _sources(a, b, pairs),
        _aspect("prefixes", pairs, lambda keys: prefixes_of(keys[:, 3:5]), _lost(a, b)),
        _aspect("forms of SYN", shapes, lambda keys: keys[:, 3:8]),
        _aspect("source ports in classes of 1,024", ends, lambda keys: keys[:, 5:6] >> _TEN),
        _aspect("victims", [_named(one) for one in pairs], lambda keys: keys[:, 0:3]),
        _aspect("ports of victims", [_ported(one) for one in pairs], lambda keys: keys[:, 2:3]),
    )
    return Comparison(a, b, aspects, tuple(_conclusions(a, b, aspects)))


def _attack(side: Side, rows: Rows) -> Rows:
    """Return the rows that are about victims of attacks; all, where no attack was found."""
    victims = [
        (*((0, 0) if victim.address is None else words_of(victim.address)), victim.port)
        for finding in side.account.findings
        if finding.kind.is_attack
        for victim in finding.victims
    ]
    if not victims or not len(rows):
        return rows
    services = {victim for victim in victims if victim[2] and victim[:2] != (0, 0)}
    hosts = {victim[:2] for victim in victims if not victim[2] or victim[:2] == (0, 0)}
    different, index = np.unique(rows.keys[:, :3], axis=0, return_inverse=True)
    hit = [tuple(key) in services or tuple(key[:2]) in hosts for key in different.tolist()]
    return rows.take(np.array(hit, np.bool_)[index.ravel()])


def _named(rows: Rows) -> Rows:
    """Return the rows whose victim is known; two unknown ones are not the same."""
    return rows.take((rows.keys[:, :2] != 0).any(axis=1))


def _ported(rows: Rows) -> Rows:
    return rows.take(rows.keys[:, 2] != 0)


def _aspect(name: str, rows: list[Rows], keys_of: Callable[[Keys], Keys], lost: str = "") -> Aspect:
    (keys_a, counts_a), (keys_b, counts_b) = (_counted(keys_of(one.keys), one) for one in rows)
    _, shared, at_b = np.intersect1d(keys_a, keys_b, assume_unique=True, return_indices=True)
    alike = None
    if len(keys_a) and len(keys_b) and not lost:
        part_a, part_b = counts_a / counts_a.sum(), counts_b / counts_b.sum()
        alike = float(np.minimum(part_a[shared], part_b[at_b]).sum())
    both = len(shared)
    return Aspect(
        name,
        len(keys_a),
        len(keys_b),
        both,
        wilson(both, len(keys_a)) if len(keys_a) else None,
        wilson(both, len(keys_b)) if len(keys_b) else None,
        alike,
        exact=not lost,
        reason=lost,
    )


def _counted(keys: Keys, rows: Rows) -> tuple[Hashes, NDArray[np.float64]]:
    """Return the hashes of different keys, and the requests of each."""
    if not len(keys):
        return np.zeros(0, np.uint64), np.zeros(0)
    different, index = np.unique(hash_columns(*keys.T), return_inverse=True)
    return different, np.bincount(index.ravel(), rows.counts).astype(np.float64)


def _sources(a: Side, b: Side, pairs: list[Rows]) -> Aspect:
    if lost := _lost(a, b):
        return _estimated(a, b, lost)
    found = _aspect("sources", pairs, lambda keys: keys[:, 3:5])
    older = [np.unique(one.keys[_is_ipv4(one.keys), 4]) for one in pairs]
    return replace(found, chance=len(older[0]) * len(older[1]) / _IPV4)


def _estimated(a: Side, b: Side, reason: str) -> Aspect:
    """Return what both have by HyperLogLog, over all their requests: A and B less both together."""
    in_a, in_b = (side.partial.distinct.estimate()[0] for side in (a, b))
    union = a.partial.distinct.merge(b.partial.distinct).estimate()[0]
    most = min(in_a, in_b)
    both = min(most, max(0.0, in_a + in_b - union))
    spread = Z95 * STANDARD_ERROR * sqrt(in_a**2 + in_b**2 + union**2)
    low, high = max(0.0, both - spread), min(most, both + spread)
    return Aspect(
        "sources",
        round(in_a),
        round(in_b),
        round(both),
        Interval(both / in_a, low / in_a, high / in_a) if in_a else None,
        Interval(both / in_b, low / in_b, high / in_b) if in_b else None,
        None,
        exact=False,
        chance=in_a * in_b / _IPV4,
        reason=reason,
    )


def _is_ipv4(keys: Keys) -> NDArray[np.bool_]:
    return np.asarray((keys[:, 3] == 0) & (keys[:, 4] >> np.uint64(32) == _MAPPED), np.bool_)


def _lost(a: Side, b: Side) -> str:
    if not a.partial.pairs.error and not b.partial.pairs.error:
        return ""
    return "too many sources to keep: only those with most requests, or an estimate"


def _conclusions(a: Side, b: Side, aspects: tuple[Aspect, ...]) -> Iterator[str]:
    kinds = [side.account.verdict for side in (a, b)]
    if kinds[0] is not None and kinds[0] is kinds[1]:
        yield f"both are called {kinds[0].value}"
    else:
        names = [kind.value if kind else "none" for kind in kinds]
        yield f"they are called differently: {names[0]} and {names[1]}"
    sources, _, forms, _, victims, ports = aspects
    yield from _about_sources(sources)
    if forms.alike is not None and forms.alike >= _MOSTLY:
        yield "most requests have the same forms: one tool or one kind of stack could make both"
    elif forms.alike is not None and forms.alike <= _HARDLY:
        yield "hardly any request has a form that the other has: made by different tools or stacks"
    elif forms.alike is None:
        yield "forms of SYN are not visible on both sides: nothing can be said about the tool"
    if victims.alike is not None and victims.alike >= _MOSTLY:
        yield "most requests went to the same victims"
    elif ports.alike is not None and ports.alike >= _MOSTLY:
        yield "most requests went to the same ports, of different victims"


def _about_sources(sources: Aspect) -> Iterator[str]:
    """Tell whether sources in common mean anything."""
    chance = sources.chance or 0.0
    least = sources.both if sources.of_a is None else sources.of_a.low * sources.in_a
    expected = f"{chance:,.1f} would be by chance, if each drew from all of IPv4"
    seen = sources.both if sources.exact else least
    if seen > chance + 3 * sqrt(chance) + 3:
        yield (
            f"{sources.both:,} sources took part in both and {expected}: the same machines, "
            "networks or lists of addresses"
        )
    elif min(sources.in_a, sources.in_b) >= _ENOUGH:
        yield (
            f"{sources.both:,} sources took part in both and {expected}: they say nothing about "
            "who it was"
        )
