"""Evidence that the tests make themselves: logs of floods, segments, captures."""

import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeAlias

import numpy as np

from floodwall.core.address import parse_address
from floodwall.forensics.account import Account, account_of
from floodwall.forensics.evidence import Flag, Segments, blank, words_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.partial import Partial

Row: TypeAlias = tuple[float, str, int, str, int, Flag]
"""Time, source, source port, victim, port and flags."""


@dataclass(frozen=True, slots=True)
class GoldenLog:
    """A log like that of 28 February 2004, and the truth about it."""

    text: str
    addresses: int
    observed: int
    suppressed: int
    lowest: float
    highest: float
    top_endpoint: str
    top_count: int
    start: datetime
    end: datetime


def golden_log(seed: int = 2004, seconds: int = 6_827, addresses: int = 572) -> GoldenLog:
    """Make a log of a flood: one pair of lines every five seconds, the last one on time."""
    chance = Random(seed)
    start = datetime(2004, 2, 28, 7, 43, 10, tzinfo=UTC)
    pool = [f"{20 + n % 200}.{n // 200 + 1}.{chance.randrange(1, 255)}.7" for n in range(addresses)]
    favourite = f"{pool[0]}/3755"
    lines, rates, suppressed, seen = [], [], 0, Counter[str]()
    moments = [*range(0, seconds, 5), seconds]
    for index, moment in enumerate(moments):
        hidden = 0 if index == 0 else chance.randrange(900, 1_700)
        name = pool[index % addresses] + f"/{1024 + chance.randrange(60_000)}"
        name = favourite if index >= addresses and index % 3 == 0 else name
        at = datetime.fromtimestamp(start.timestamp() + moment, UTC)
        stamp = f"{at:%b %e %H:%M:%S} nap1 kernel:"
        if hidden:
            lines.append(f"{stamp} NET: {hidden} messages suppressed.")
            rates.append((hidden + 1) / (moment - moments[index - 1]))
        lines.append(f"{stamp} TCP: drop open request from {name}")
        seen[name] += 1
        suppressed += hidden
    top, count = seen.most_common(1)[0]
    end = datetime.fromtimestamp(start.timestamp() + seconds, UTC)
    distinct = len({name.split("/")[0] for name in seen})
    return GoldenLog(
        "\n".join(lines) + "\n", distinct, len(moments), suppressed, min(rates), max(rates),
        top.replace("/", ":"), count, start, end,
    )  # fmt: skip


def segments(*rows: Row, ttl: int = 64, window: int = 65_535) -> Segments:
    """Make segments from time, source, source port, victim, port and flags."""
    made = blank(len(rows))
    for row, (at, source, source_port, victim, port, flags) in zip(made, rows, strict=True):
        row["at"] = at
        row["source_high"], row["source_low"] = words_of(parse_address(source))
        row["victim_high"], row["victim_low"] = words_of(parse_address(victim))
        row["source_port"], row["port"], row["flags"] = source_port, port, int(flags)
    made["ttl"], made["window"] = ttl, window
    return made


def numbers(count: int, seed: int = 1) -> np.typing.NDArray[np.uint64]:
    """Return random words that are the same each time."""
    return np.random.default_rng(seed).integers(0, 1 << 63, count, np.uint64)


def pcap(
    frames: Iterable[tuple[float, bytes]], link: int = 1, order: str = "<", *, nano: bool = False
) -> bytes:
    """Make a classic capture of frames and their times."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65_535, link)]
    for at, frame in frames:
        part = round((at % 1) * (1e9 if nano else 1e6))
        parts += [struct.pack(f"{order}IIII", int(at), part, len(frame), len(frame)), frame]
    return b"".join(parts)


def pcapng(
    frames: Iterable[tuple[float, bytes]], link: int = 1, order: str = "<", resolution: int = 6
) -> bytes:
    """Make a pcapng capture of one section and one interface."""
    section = struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1)
    option = struct.pack(f"{order}HHB3xHH", 9, 1, resolution, 0, 0)
    parts = [_block(order, 0x0A0D0D0A, section)]
    parts.append(_block(order, 1, struct.pack(f"{order}HHI", link, 0, 65_535) + option))
    for at, frame in frames:
        ticks = round(at * 10**resolution)
        head = (0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        parts.append(_block(order, 6, struct.pack(f"{order}IIIII", *head) + frame))
    return b"".join(parts)


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + size + body + size


def read_capture_bytes(content: bytes, folder: Path) -> Partial:
    """Return what a capture comes to."""
    file = folder / "capture"
    file.write_bytes(content)
    return read_input(str(file), Options())


def flood_rows(
    count: int, *, victim: str = "198.51.100.1", port: int = 80, rate: float = 500.0
) -> list[Row]:
    """Make SYNs of sources that never come again."""
    return [
        (n / rate, f"203.0.{n >> 8 & 255}.{n & 255}", 1_024 + n % 60_000, victim, port, Flag.SYN)
        for n in range(count)
    ]


def handshake_rows(
    count: int, *, rate: float = 10.0, sources: int = 50, port: int = 80, data: bool = True
) -> list[Row]:
    """Make handshakes that are completed, and a request and an answer behind each."""
    rows: list[Row] = []
    server = ("198.51.100.1", port)
    for n in range(count):
        at, client = n / rate, (f"192.0.2.{n % sources}", 20_000 + n)
        rows += [
            (at, *client, *server, Flag.SYN),
            (at + 0.001, *server, *client, Flag.SYN | Flag.ACK),
            (at + 0.002, *client, *server, Flag.ACK),
        ]
        if data:
            rows += [
                (at + 0.003, *client, *server, Flag.ACK | Flag.PSH),
                (at + 0.004, *server, *client, Flag.ACK | Flag.PSH),
            ]
    return rows


def account_of_rows(rows: Sequence[Row]) -> Account:
    """Return the account of segments; those with PSH carry 100 bytes."""
    made = segments(*rows)
    made["data"] = np.where(made["flags"] & int(Flag.PSH), 100, 0)
    made["sequence"] = np.where(made["flags"] & int(Flag.SYN), 1_000, 1_001)
    partial = Partial()
    partial.add(made)
    return account_of(partial)
