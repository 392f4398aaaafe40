"""What becomes of confirmed settings that the daemon itself cannot write."""

from pathlib import Path
from typing import Any

from floodwall.store.atomic import write_text


def save(answer: dict[str, Any], text: str) -> str:
    """Write confirmed settings where the daemon could not; return what became of them."""
    file = answer["file"]
    if not answer["trouble"]:
        return f"written to {file}"
    try:
        write_text(Path(file), text)
    except OSError as error:
        return f"holds until the daemon ends: cannot write {file}: {error.strerror}"
    answer["trouble"] = ""
    return f"written to {file}"
