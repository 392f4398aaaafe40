"""Shares with their uncertainty: how many of so many, and how sure that is.

Law: an interval never pretends to know what is still on its way.
"""

from math import sqrt

from floodwall.core.verdict import Interval

Z95 = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""


def wilson(part: float, whole: float, z: float = Z95) -> Interval:
    """Estimate a share with its score interval, Wilson 1927: sound for few and for extreme ones."""
    if whole <= 0:
        return Interval(0.0, 0.0, 1.0)
    share = min(max(part / whole, 0.0), 1.0)
    square = z * z / whole
    middle = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * sqrt(share * (1 - share) / whole + square / (4 * whole))
    return Interval(
        share, max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach))
    )


def unanswered_share(asked: float, asked_lately: float, answered: float) -> Interval | None:
    """Estimate the share of questions that are never answered, or None if nothing was asked.

    `asked_lately` of them are so young that their answers may still be on their way.  The low end
    takes all of those for answered and every answer for one to an older question; the high end
    takes every missing answer for one that never comes.
    """
    if asked <= 0:
        return None
    old = asked - asked_lately
    whole = wilson(asked - answered, asked)
    low = wilson(old - answered, old).low if old > 0 else 0.0
    return Interval(whole.value, min(low, whole.value), whole.high)


def odds(share: float, most: float = 1000.0) -> float:
    """Turn a share into odds: 0.5 is 1, 0.9 is 9; never more than `most`."""
    return min(share / (1 - share), most) if share < 1 else most
