"""What several kinds of findings need."""

import numpy as np
from numpy.typing import NDArray

from floodwall.core.proportion import wilson
from floodwall.forensics import rates
from floodwall.forensics.evidence import address_of
from floodwall.forensics.finding import Handshakes, Rate, Sources, Spoofing, Talker, Victim
from floodwall.forensics.space import spaces_of
from floodwall.forensics.view import View, groups

_TOP = 20
_SUREST = 0.99
_MOST_VICTIMS = 256
_SMALL = 0.05  # a port with a smaller part of the requests is not named


def confidence_of(times: float) -> float:
    """Return how sure a finding is whose evidence exceeds its limit so many times."""
    return round(min(_SUREST, times / (1 + times)), 2)


def rate_of(times: NDArray[np.float64]) -> Rate:
    """Return the rate of events."""
    return rates.by_second(np.floor(times), np.ones(len(times), np.int64))


def victims_of(view: View, weights: NDArray[np.int64]) -> tuple[Victim, ...]:
    """Return the services that most of the weight went to; port 0 where it went to all ports."""
    index, first = groups(view.service_hash)
    totals = np.bincount(index, weights)
    order = np.argsort(-totals, kind="stable")
    named = [one for one in order.tolist() if totals[one] >= _SMALL * totals.sum()]
    if not named:
        index, first = groups(view.server_hash)
        order = np.argsort(-np.bincount(index, weights), kind="stable")
        return tuple(
            Victim(address_of(*view.server[first[one], :2].tolist()), 0)
            for one in order.tolist()[:_MOST_VICTIMS]
        )
    return tuple(
        Victim(address_of(*view.server[first[one], :2].tolist()), int(view.server[first[one], 2]))
        for one in named
    )


def sources_of(view: View, weights: NDArray[np.int64]) -> Sources:
    """Return the clients of flows, by address."""
    index, first = groups(view.client_hash)
    totals = np.bincount(index, weights).astype(np.int64)
    order = np.argsort(-totals, kind="stable")[:_TOP]
    top = tuple(
        Talker(str(address_of(*view.client[first[one], :2].tolist())), int(totals[one]))
        for one in order.tolist()
    )
    count = round(len(first) / view.share)
    exact = view.share == 1
    bound = wilson(len(first), max(1, len(view)))
    spread = 0 if exact else round((bound.high - bound.low) * count)
    reason = "" if exact else "estimated from a sample of the flows"
    spaces = spaces_of(view.client[:, 0], view.client[:, 1], weights)
    return Sources(
        count, exact, max(0, count - spread), count + spread, top, reason=reason, spaces=spaces
    )


def span_of(view: View) -> tuple[float | None, float | None]:
    """Return the first and the last moment of flows."""
    if not len(view) or np.isnan(view.first).all():
        return None, None
    return float(np.nanmin(view.first)), float(np.nanmax(view.last))


def spoofing_of(view: View) -> Spoofing:
    """Return how likely the sources of requests are forged, from the replies that are visible."""
    answered = (view.answers > 0) & (view.syns > 0)
    trials = int(np.count_nonzero(answered))
    silent = int(np.count_nonzero(answered & ~view.completed))
    indirect = []
    syns = int(view.syns.sum())
    _, first = groups(view.client_hash)
    if len(first) >= 0.9 * syns and syns >= 30:
        indirect.append("nearly every request has a source of its own, as random forging makes it")
    refused = int(np.count_nonzero(answered & (view.resets > 0) & ~view.completed))
    if refused:
        indirect.append(
            f"{refused:,} sources answered the SYN-ACK with a reset: real machines that did not ask"
        )
    if not trials:
        basis = "no SYN-ACK is visible: whether anybody would have answered is unknown"
        return Spoofing(None, basis, tuple(indirect))
    basis = f"{silent:,} of {trials:,} answered requests were not completed"
    return Spoofing(wilson(silent, trials), basis, tuple(indirect))


def handshakes_of(view: View) -> Handshakes:
    """Return how far requests got."""
    asked = view.syns > 0
    longest = np.nan_to_num(view.half_open_s)
    order = np.argsort(-longest, kind="stable")[:5]
    names = tuple(
        Talker(
            _endpoint(view, row), int(view.syns[row]),
            first=float(view.first_syn[row]), last=float(view.first_syn[row] + longest[row]),
        )
        for row in order.tolist()
        if longest[row] > 0
    )  # fmt: skip
    return Handshakes(
        started=round(np.count_nonzero(asked) / view.share),
        answered=round(np.count_nonzero(asked & (view.answers > 0)) / view.share),
        completed=round(np.count_nonzero(view.completed) / view.share),
        repeated=round(float(np.maximum(0, view.syns - 1)[view.unfinished].sum()) / view.share),
        longest_s=float(longest.max(initial=0.0)),
        longest=names,
        exact=view.share == 1,
    )


def _endpoint(view: View, row: int) -> str:
    high, low, port = view.client[row].tolist()
    name = str(address_of(high, low))
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
