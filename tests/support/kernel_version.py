"""The running kernel's version: the only good reason for a skip in CI."""

import os

OLDER = "this kernel is older than"


def at_least(version: str, release: str | None = None) -> bool:
    """Tell whether kernel `release` (default: the running one) is `version` ("6.9") or newer."""
    running = (release or os.uname().release).split("-")[0].split(".")
    return _numbers(running) >= _numbers(version.split("."))


def _numbers(parts: list[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in parts[:2])
