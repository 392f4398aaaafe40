"""Dumps of sockets become snapshots: netstat and ss of several systems, and /proc/net/tcp."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from floodwall.core.address import Address
from floodwall.forensics.evidence import (
    Flag,
    Format,
    ListenQueue,
    Origin,
    SocketSnapshot,
    blank,
    words_of,
)
from floodwall.forensics.sockets.endpoint import Endpoint, read_endpoint, read_hex_endpoint

_MOST_ROWS = 1 << 18
_MOST_LISTENERS = 4_096
_LONGEST_LINE = 2_048
# Every system's word for a state, in the words of Linux.
_STATES = {
    "SYN_RECV": "SYN_RECV", "SYN-RECV": "SYN_RECV", "SYN_RCVD": "SYN_RECV",
    "SYN_RECEIVED": "SYN_RECV", "ESTABLISHED": "ESTABLISHED", "ESTAB": "ESTABLISHED",
    "LISTEN": "LISTEN", "LISTENING": "LISTEN", "SYN_SENT": "SYN_SENT", "SYN-SENT": "SYN_SENT",
    "TIME_WAIT": "TIME_WAIT", "TIME-WAIT": "TIME_WAIT", "CLOSE_WAIT": "CLOSE_WAIT",
    "CLOSE-WAIT": "CLOSE_WAIT", "FIN_WAIT1": "FIN_WAIT", "FIN_WAIT2": "FIN_WAIT",
    "FIN-WAIT-1": "FIN_WAIT", "FIN-WAIT-2": "FIN_WAIT", "FIN_WAIT_1": "FIN_WAIT",
    "FIN_WAIT_2": "FIN_WAIT", "LAST_ACK": "LAST_ACK", "LAST-ACK": "LAST_ACK",
    "CLOSING": "CLOSING", "CLOSED": "CLOSED",
}  # fmt: skip
# include/net/tcp_states.h; 12 is NEW_SYN_RECV, which the kernel shows as 3.
_NUMBERS = {
    "01": "ESTABLISHED", "02": "SYN_SENT", "03": "SYN_RECV", "04": "FIN_WAIT", "05": "FIN_WAIT",
    "06": "TIME_WAIT", "07": "CLOSED", "08": "CLOSE_WAIT", "09": "LAST_ACK", "0A": "LISTEN",
    "0B": "CLOSING", "0C": "SYN_RECV",
}  # fmt: skip


@dataclass(slots=True)
class _Dump:
    half_open: list[tuple[Endpoint, Endpoint]] = field(default_factory=list)
    listeners: list[ListenQueue] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)

    def add(self, state: str, local: Endpoint, remote: Endpoint, queues: tuple[int, int]) -> None:
        """Take one socket."""
        self.states[state] += 1
        if state == "SYN_RECV" and remote[0] is not None and len(self.half_open) < _MOST_ROWS:
            self.half_open.append((local, remote))
        elif state == "LISTEN" and len(self.listeners) < _MOST_LISTENERS:
            name = str(local[0]) if local[0] is not None else "*"
            self.listeners.append(ListenQueue(name, local[1], *queues))

    def snapshot(self) -> SocketSnapshot:
        """Return what was taken."""
        rows = blank(len(self.half_open))
        rows["flags"], rows["origin"] = int(Flag.SYN), int(Origin.SOCKETS)
        ends = [(*_words(remote[0]), *_words(local[0]), remote[1], local[1])
                for local, remote in self.half_open]  # fmt: skip
        names = ("source_high", "source_low", "victim_high", "victim_low", "source_port", "port")
        for column, name in enumerate(names):
            rows[name] = [end[column] for end in ends]
        return SocketSnapshot(rows, tuple(self.listeners), tuple(sorted(self.states.items())))


def read_tables(lines: Iterator[bytes], form: Format) -> Iterator[SocketSnapshot]:
    """Yield the snapshots of a file; a new head of the table begins a new one."""
    read = {Format.NETSTAT: _netstat, Format.SS: _ss}.get(form, _proc)
    dump = _Dump()
    for raw in lines:
        line = raw[:_LONGEST_LINE].decode("utf-8", "replace")
        if _is_head(line):
            if dump.states:
                yield dump.snapshot()
                dump = _Dump()
            continue
        read(line.split(), dump)
    if dump.states:
        yield dump.snapshot()


def _is_head(line: str) -> bool:
    return (
        line.startswith(("Active Internet", "State ", "Netid ", "Active Connections"))
        or "local_address rem" in line
    )


def _netstat(words: list[str], dump: _Dump) -> None:
    if not words or not words[0].lower().startswith("tcp"):
        return
    windows = words[0] == "TCP" and len(words) >= 4 and not words[1].isdigit()
    if windows:
        local, remote, state, queues = words[1], words[2], words[3], (0, 0)
    elif len(words) >= 6 and words[1].isdigit() and words[2].isdigit():
        local, remote, state = words[3:6]
        queues = (_number(words[1]), 0)
    else:
        return
    known = _STATES.get(state)
    if known:
        dump.add(known, read_endpoint(local), read_endpoint(remote), queues)


def _ss(words: list[str], dump: _Dump) -> None:
    if words and words[0] in ("tcp", "mptcp"):
        words = words[1:]
    if len(words) < 5 or not (words[1].isdigit() and words[2].isdigit()):
        return
    known = _STATES.get(words[0])
    if known:
        queues = _number(words[1]), _number(words[2])
        dump.add(known, read_endpoint(words[3]), read_endpoint(words[4]), queues)


def _proc(words: list[str], dump: _Dump) -> None:
    if len(words) < 5 or not words[0].endswith(":"):
        return
    known = _NUMBERS.get(words[3].upper())
    if known:
        waiting = words[4].partition(":")[2]
        count = int(waiting, 16) if len(waiting) == 8 and _is_hex(waiting) else 0
        local, remote = read_hex_endpoint(words[1]), read_hex_endpoint(words[2])
        dump.add(known, local, remote, (count, 0))


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdefABCDEF" for letter in text)


def _number(text: str) -> int:
    return min(int(text[:18]), 1 << 40)


def _words(address: Address | None) -> tuple[int, int]:
    return (0, 0) if address is None else words_of(address)
