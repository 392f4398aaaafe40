"""Times of the account for readers and programs."""

from datetime import UTC, datetime
from math import isnan

_DAY_S = 86_400
_FIRST_YEAR, _LAST_YEAR = 1, 9_999


def iso(at: float | None, *, relative: bool = False) -> str | None:
    """Return a time in ISO 8601; one since the start of a machine as a duration, like PT5.25S."""
    if at is None or isnan(at):
        return None
    if relative:
        return f"PT{at:.3f}S"
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return moment.isoformat(timespec="seconds" if at == int(at) else "milliseconds")


def duration(seconds: float) -> str:
    """Return a duration for a reader, like `1 h 53 min 47 s`."""
    if seconds < 10:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    days, rest = divmod(whole, _DAY_S)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "0 s"
