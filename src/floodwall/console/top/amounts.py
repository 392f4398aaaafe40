"""Numbers such as people read them aloud, in few columns."""

from datetime import UTC, datetime

_STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_EXACT = 100_000  # what is shorter is written out


def amount(value: float | None) -> str:
    """Write a count or a rate: 48,254, then 1.23M; what is not known is a dash."""
    if value is None:
        return "-"
    if abs(value) < _EXACT:
        return f"{value:,.0f}"
    return _short(value)


def bits(value: float | None) -> str:
    """Write bits a second: 31.2 Mbit/s."""
    if value is None:
        return "-"
    for size, letter in _STEPS:
        if value >= size:
            return f"{value / size:,.3g} {letter}bit/s" if value < 1e12 else "over 1 Tbit/s"
    return f"{value:,.0f} bit/s"


def share(value: float | None) -> str:
    """Write a share: 31 %; a little is never 0 %, and nearly all never 100 %."""
    if value is None:
        return "-"
    if 0 < value < 0.01:
        return "<1 %"
    if 0.99 < value < 1:
        return f"{min(value, 0.999):.1%}".replace("%", " %")
    return f"{value:.0%}".replace("%", " %")


def milliseconds(value: float | None) -> str:
    """Write a time of milliseconds."""
    return "-" if value is None else f"{value:.3g} ms"


def clock(wall_s: float) -> str:
    """Write a time of day in UTC."""
    try:
        return f"{datetime.fromtimestamp(wall_s, UTC):%H:%M:%S} UTC"
    except (OverflowError, OSError, ValueError):
        return "at an unknown time"


def _short(value: float) -> str:
    for size, letter in _STEPS:
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}" if abs(value) < 1e12 else "over 1000G"
    return f"{value:.0f}"
