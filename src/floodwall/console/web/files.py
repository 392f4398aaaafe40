"""The files of the console, read once: nothing else of this machine can be asked for.

Outside code: uPlot 1.6.32 (MIT, uplot.LICENSE), unchanged; a test compares its SHA-256.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

VENDORED: Mapping[str, str] = {
    "uplot.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uplot.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
}
_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "LICENSE": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file with what a browser should know of it."""

    content: bytes
    kind: str
    etag: str


def read_files() -> dict[str, File]:
    """Return every file by its name."""
    found = {}
    for path in files("floodwall.console.web").joinpath("static").iterdir():
        kind = _TYPES.get(path.name.rpartition(".")[2])
        if kind is not None and path.is_file():
            content = path.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            found[path.name] = File(content, kind, etag)
    return found
