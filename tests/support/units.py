"""What systemd says of a unit file."""

import subprocess
from pathlib import Path


def analyze(verb: str, unit: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask systemd-analyze about a unit file."""
    return subprocess.run(
        ["systemd-analyze", verb, *options, str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
