"""Users and groups of this machine, from its own files alone.

Not by getpwnam() and getgrnam(): a directory service may be unreachable while we are being
flooded.
"""

from pathlib import Path
from typing import Final

PASSWD: Final = Path("/etc/passwd")
GROUP: Final = Path("/etc/group")

_LARGEST_BYTES = 1 << 20


def read_accounts(path: Path, least: int = 3) -> list[list[str]]:
    """Return the fields of a file in the form of passwd(5) or group(5), the third a number.

    Lines with fewer than `least` fields and other damaged ones are passed over.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = file.read(_LARGEST_BYTES).splitlines()
    except OSError:
        return []
    split = [line.split(":") for line in lines]
    return [each for each in split if len(each) >= max(least, 3) and each[2].isdecimal()]
