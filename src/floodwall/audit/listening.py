"""Listening sockets from text: what ss prints, and /proc/net/tcp where nothing else is."""

import re
import sys
from collections.abc import Iterator

from floodwall.audit.facts import Listening
from floodwall.core.address import parse_words, unpack

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
            address = str(unpack(parse_words(host, sys.byteorder)))
            yield Listening(address, int(port, 16), waiting=int(waiting or "0", 16))


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
