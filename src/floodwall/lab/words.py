"""Figures as people read them; what there is none of is a dash."""

from floodwall.core.verdict import Kind
from floodwall.lab.load import REPLY_WITHIN_S

_NONE = "-"
_NAMES = {"syn": "SYN", "ack": "ACK", "synack": "SYN-ACK"}


def percent(share: float | None) -> str:
    """Return a share of 0..1 as percent; 100% only if it is all."""
    if share is None:
        return _NONE
    if share in {0.0, 1.0}:
        return f"{share * 100:.0f}%"
    return f"{min(share * 100, 99.9):.1f}%"


def milliseconds(value: float | None, unit: str = "") -> str:
    """Return milliseconds with three digits that matter."""
    return _NONE if value is None else f"{_digits(value)}{unit}"


def wait(value_ms: float | None) -> str:
    """Return how long somebody waited to connect; who waited for too long has left."""
    never = value_ms is not None and value_ms >= REPLY_WITHIN_S * 1e3
    return "never" if never else milliseconds(value_ms)


def seconds(value: float | None, unit: str = "") -> str:
    """Return seconds with three digits that matter."""
    return _NONE if value is None else f"{_digits(value)}{unit}"


def verdict(kind: Kind | None) -> str:
    """Return a verdict in words."""
    if kind is None:
        return _NONE
    return " ".join(_NAMES.get(word, word) for word in kind.value.split("_"))


def rate(per_s: float | None) -> str:
    """Return a rate a second, such as 7.05 M."""
    if per_s is None:
        return _NONE
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if per_s >= size:
            return f"{_digits(per_s / size)}{letter}"
    return _digits(per_s)


def _digits(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
