"""The journal: what Floodwall did, as sentences for the operator, one JSON line each."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_FILE = "journal.jsonl"
_LARGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; `at` is UTC in ISO 8601."""

    at: str
    text: str


class Journal:
    """Appends to the journal of one network namespace; the file before it is kept once."""

    def __init__(self, run: Path, largest_bytes: int = _LARGEST_BYTES) -> None:
        self._path = run / _FILE
        self._largest_bytes = largest_bytes

    def write(self, text: str) -> bool:
        """Add a line; return False where the disk takes none, for the defence goes on."""
        line = json.dumps(
            {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "text": text}
        )
        try:
            self._turn_over()
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                # One write() a line: lines of several processes do not mix.
                os.write(fd, f"{line}\n".encode())
            finally:
                os.close(fd)
        except OSError:
            return False
        return True

    def entries(self) -> Iterator[Entry]:
        """Yield every entry, oldest first; a line that a crash cut short is left out."""
        for path in (self._older(), self._path):
            try:
                lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            except FileNotFoundError:
                continue
            for line in lines:
                try:
                    yield Entry(**json.loads(line))
                except (TypeError, ValueError):
                    continue

    def _turn_over(self) -> None:
        if self._path.exists() and self._path.stat().st_size >= self._largest_bytes:
            self._path.replace(self._older())

    def _older(self) -> Path:
        return self._path.with_name(f"{_FILE}.1")
