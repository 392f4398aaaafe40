"""The plan of the running daemon, as JSON, for whoever asks beside it."""

from pathlib import Path
from typing import Any

from floodwall.store.atomic import read_json, write_json

_FILE = "plan.json"


def write_plan(run: Path, plan: dict[str, Any]) -> None:
    """Replace the plan that is shown."""
    write_json(run / _FILE, plan)


def read_plan(run: Path) -> dict[str, Any] | None:
    """Return the last plan, or None if there never was one."""
    plan = read_json(run / _FILE, None)
    return plan if isinstance(plan, dict) else None
