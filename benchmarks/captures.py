"""Reading a capture of a flood on one core, against a plain walk over its records; and on all."""

import argparse
import struct
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.logs import seconds
from benchmarks.table import Row, Table

FRAME_BYTES = 60
WALK = """
import struct, sys
content = open(sys.argv[1], "rb").read()
take = struct.Struct("<IIII").unpack_from
position, end, count = 24, len(content), 0
while position < end:
    position += 16 + take(content, position)[2]
    count += 1
print(count)
"""
READ = """
import sys
from floodwall.forensics import inputs
from floodwall.forensics.account import account_of
if len(sys.argv) > 2:
    inputs.workers = lambda: int(sys.argv[2])
print(account_of(inputs.read_input(sys.argv[1], inputs.Options())).verdict)
"""


def capture(count: int, seed: int = 1) -> bytes:
    """Make a capture of SYNs from random sources, 200,000 a second."""
    chance = np.random.default_rng(seed)
    records = np.zeros((count, 16 + FRAME_BYTES), np.uint8)
    head = records[:, :16].view("<u4")
    head[:, 0] = 1_700_000_000 + np.arange(count) // 200_000
    head[:, 1] = np.arange(count) % 200_000 * 5
    head[:, 2:] = FRAME_BYTES
    frame = records[:, 16:]
    for offset, value in ((12, 8), (14, 0x45), (17, 40), (22, 64), (23, 6), (37, 80),
                          (46, 0x50), (47, 2), (48, 0xFF)):  # fmt: skip
        frame[:, offset] = value
    frame[:, 26:30] = chance.integers(0, 256, (count, 4), np.uint8)
    frame[:, 30:34] = (192, 0, 2, 1)
    frame[:, 34:36] = chance.integers(0, 256, (count, 2), np.uint8)
    frame[:, 38:42] = chance.integers(0, 256, (count, 4), np.uint8)
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1) + records.tobytes()


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "flood.pcap"))
        Path(file).write_bytes(capture(chosen.packets))
        subjects = {
            "walk over the records in Python": (WALK, file),
            "floodwall analyze, one process": (READ, file, "1"),
            "floodwall analyze, all CPUs": (READ, file),
        }
        spent: dict[str, list[float]] = {name: [] for name in subjects}
        waited: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(chosen.turns):
            for name, arguments_of in subjects.items():
                began = time.monotonic()
                taken = seconds(sys.executable, "-c", *arguments_of)
                waited[name].append((time.monotonic() - began) * 1e6 / chosen.packets)
                spent[name].append(taken * 1e6 / chosen.packets)
    tables = [
        Table(f"{chosen.packets:,} SYNs", unit, [Row(name, taken) for name, taken in turns.items()])
        for unit, turns in (("CPU s/M", spent), ("clock s/M", waited))
    ]
    if chosen.json:
        print(f"[{', '.join(table.json() for table in tables)}]")
    else:
        print("\n\n".join("\n".join(table.lines()) for table in tables))


if __name__ == "__main__":
    main()
