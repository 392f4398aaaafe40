"""Spans of time as an operator writes them: 90, 30s, 10m, 4h, 2d."""

import re

from floodwall.core.errors import ConfigError

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.IGNORECASE)


def parse_duration(text: str) -> float:
    """Turn a span such as `10m` or `1h30m` into seconds."""
    stripped = text.strip()
    parts = list(_SPAN.finditer(stripped))
    if not parts or "".join(part[0] for part in parts) != stripped:
        raise ConfigError(f"{text!r} is not a span of time", hint="write 90, 30s, 10m, 4h or 2d")
    return sum(float(part[1]) * _SECONDS[part[2].lower()] for part in parts)


def format_duration(seconds: float) -> str:
    """Write a span with its two largest units: 3d 4h, 9m 5s, 0.4s."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f}s".replace(".0s", "s")
    left = round(seconds)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return " ".join(parts[:2])
