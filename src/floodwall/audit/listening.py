"""Listening sockets from text: what ss prints, and /proc/net/tcp where nothing else is."""

import re
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from floodwall.audit.facts import Listening

_PROCESS = re.compile(r'\(\("([^"]*)",(?:pid=)?(\d+)')
_DIGITS = 10  # of 32 bits
_LISTEN = "0A"  # include/net/tcp_states.h


def listening(text: str) -> tuple[Listening, ...]:
    """Read `ss -ltnp`, with or without its head; old ones print no pid= before the number."""
    return tuple(filter(None, map(_of_ss, text.splitlines())))


def listening_in_proc(text: str) -> Iterator[Listening]:
    """Read /proc/net/tcp or tcp6, which tell neither backlog nor process."""
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) > 4 and words[3] == _LISTEN:
            host, _, port = words[1].partition(":")
            waiting = words[4].partition(":")[2]
            yield Listening(_hex(host), int(port, 16), waiting=int(waiting or "0", 16))


def _of_ss(line: str) -> Listening | None:
    words = line.split()
    if len(words) < 5 or words[0] != "LISTEN" or not (words[1] + words[2]).isdigit():
        return None
    host, _, port = words[3].rpartition(":")
    if not port.isdigit() or max(len(words[1]), len(words[2]), len(port)) > _DIGITS:
        return None
    owner = _PROCESS.search(line)
    return Listening(
        address=host.strip("[]").partition("%")[0] or "*",
        port=int(port),
        backlog=int(words[2]),
        process=owner[1] if owner else "",
        pid=int(owner[2]) if owner else None,
        waiting=int(words[1]),
    )


def _hex(text: str) -> str:
    """Read an address as the kernel prints it: words of 32 bits in the order of the machine."""
    raw = b"".join(
        struct.pack("=I", int(text[start : start + 8], 16)) for start in range(0, len(text), 8)
    )
    return str(IPv4Address(raw) if len(raw) == 4 else IPv6Address(raw))
