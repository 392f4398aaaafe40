"""Requests a second over time, with and without suppressed messages."""

from collections.abc import Sequence
from math import isnan

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.finding import Rate
from floodwall.forensics.partial import Suppressed

_MOST_POINTS = 240
Times = NDArray[np.float64]


def by_second(seconds: Times, counts: NDArray[np.int64]) -> Rate:
    """Return the rates of requests that were counted a second; a quiet second between is 0."""
    timed = ~np.isnan(seconds)
    seconds, counts = seconds[timed], counts[timed]
    if not len(seconds):
        return Rate(None, None, None, reason="the input has no times")
    moments, index = np.unique(seconds, return_inverse=True)
    each = np.bincount(index, counts).astype(np.int64)
    span = int(moments[-1] - moments[0]) + 1
    lowest = int(each.min()) if len(moments) == span else 0
    return Rate(
        float(each.sum()) / span,
        float(each.max()),
        float(lowest),
        _points(moments, each.astype(np.float64), np.ones(len(each))),
        "counted in whole seconds",
    )


def with_suppressed(
    seconds: Times, counts: NDArray[np.int64], suppressed: Sequence[Suppressed]
) -> Rate:
    """Return the rates where a line stands for all that was suppressed since the line before.

    The first lines are left out of the lowest and the highest: how long they collected is unknown.
    """
    hidden = [(item.at, item.count) for item in suppressed if not isnan(item.at)]
    timed = ~np.isnan(seconds)
    moments = np.concatenate([seconds[timed], np.array([at for at, _ in hidden])])
    amounts = np.concatenate([counts[timed], np.array([n for _, n in hidden], np.int64)])
    if not len(moments):
        return Rate(None, None, None, reason="the input has no times")
    moments, index = np.unique(np.floor(moments), return_inverse=True)
    each = np.bincount(index, amounts)
    span = float(moments[-1] - moments[0])
    if span <= 0:
        return Rate(
            None,
            None,
            None,
            ((float(moments[0]), float(each.sum())),),
            "all lines are of one second, and what was suppressed is older",
        )
    widths = np.diff(moments)
    rates = each[1:] / widths
    return Rate(
        float(each.sum()) / span,
        float(rates.max()),
        float(rates.min()),
        _points(moments[:-1], rates, widths),
        "each suppressed total is spread over the time since the line before it; the first one, "
        "whose time is unknown, counts in the mean only",
    )


def _points(starts: Times, rates: Times, widths: Times) -> tuple[tuple[float, float], ...]:
    """Return at most a few hundred points; several spans become one with their mean rate."""
    first, end = float(starts[0]), float(starts[-1] + widths[-1])
    bins = min(_MOST_POINTS, max(1, round(end - first)))
    width = (end - first) / bins
    amounts = np.zeros(bins)
    edges = first + width * np.arange(bins + 1)
    cumulative = np.concatenate([[0.0], np.cumsum(rates * widths)])
    # Gaps between the spans hold nothing: the total at their end is that at their start.
    knots = np.column_stack([starts, starts + widths]).ravel()
    totals = np.column_stack([cumulative[:-1], cumulative[1:]]).ravel()
    amounts = np.diff(np.interp(edges, knots, totals))
    return tuple(
        (float(edge), float(amount / width)) for edge, amount in zip(edges, amounts, strict=False)
    )
