"""The part of `off` that takes long to load: bans of lower rungs, and the record."""

from collections.abc import Iterator
from pathlib import Path

from floodwall.app import footing
from floodwall.app.recording import a_hand
from floodwall.store.beside import end_bans


def remove_lower(run: Path) -> Iterator[str]:
    """Remove what lower rungs have left in this namespace; yield what was removed."""
    return footing.remove_lower(run)


def end_bans_on_record(record: Path) -> str:
    """Write that all bans and incidents have ended; return why that is not possible, or nothing."""
    return end_bans(record, a_hand(), "switched off by the operator")
