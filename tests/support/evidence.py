"""Evidence that the tests make themselves: logs of floods, segments, captures."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import numpy as np

from floodwall.core.address import parse_address
from floodwall.forensics.evidence import Flag, Segments, blank, words_of


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


def segments(
    *rows: tuple[float, str, int, str, int, Flag], ttl: int = 64, window: int = 65_535
) -> Segments:
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
