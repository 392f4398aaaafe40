"""Reads back what an operator calls a service, like `*:80 nginx` or `[2001:db8::1]:25`."""

import re
from ipaddress import ip_address

from floodwall.core.address import Address

_NAME = re.compile(r"(\*|\[[0-9A-Fa-f:.]{2,45}\]|[0-9.]{7,15}):(\d{1,5})(?: .*)?", re.DOTALL)


def endpoint_of(name: str) -> tuple[Address | None, int]:
    """Return address and port; no address where it listens on all, port 0 where it names none."""
    found = _NAME.fullmatch(name)
    if found is None or not 0 < int(found[2]) < 65536:
        return None, 0
    try:
        address = ip_address(found[1].strip("[]"))
    except ValueError:
        return None, int(found[2])
    return (None if address.is_unspecified else address), int(found[2])
