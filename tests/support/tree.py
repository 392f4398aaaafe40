"""The files of this source tree, as git sees them."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def sources(*patterns: str) -> list[str]:
    """Return the files that match, relative to the root; nothing that git ignores."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others"]
    command += ["--exclude-standard", "--", *(f":(glob){pattern}" for pattern in patterns)]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        found = _walk(patterns)
    else:
        found = listing.stdout.split("\n")
    return sorted({name for name in found if name and (ROOT / name).is_file()})


def text(name: str) -> str:
    """Return what a file of the tree says."""
    return (ROOT / name).read_text()


def _walk(patterns: Iterable[str]) -> list[str]:
    """List files of a tree that came without its git directory."""
    return [str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern)]
