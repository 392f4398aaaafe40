"""What many viewers of the console cost: CPU of its process, and memory over time."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from floodwall.console.web.tokens import Level, make_token, write_tokens
from tests.support.fake_daemon import serving
from tests.support.fake_desk import FakeDesk

PAGE = 1 << 16
SERVE = """
import sys
from pathlib import Path
from floodwall.app.client import dial
from floodwall.console.web.server import Place, Server, listen
from floodwall.console.web.tokens import read_tokens
from floodwall.core.protocol import SOCKET
run, tokens = Path(sys.argv[1]), Path(sys.argv[2])
place = Place("127.0.0.1", 0, tokens)
listener = listen(place)
print(listener.getsockname()[1], flush=True)
Server(place, listener).serve(lambda _, s: dial(run / SOCKET, s), lambda: read_tokens(tokens))
"""


async def watch(port: int, token: str, until_s: float) -> tuple[int, int]:
    """Read a stream until then; return the seconds and the bytes that came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET /api/stream HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}"
    writer.write(f"{head}\r\n\r\n".encode())
    seconds = size = 0
    while (left_s := until_s - time.monotonic()) > 0:
        try:
            part = await asyncio.wait_for(reader.read(PAGE), left_s)
        except TimeoutError:
            break
        if not part:
            raise ConnectionResetError("a viewer was hung up on")
        seconds += part.count(b"\ndata: ")
        size += len(part)
    writer.close()
    return seconds, size


async def crowd(port: int, token: str, viewers: int, until_s: float) -> tuple[int, int]:
    """Watch as many; return all seconds and bytes."""
    found = await asyncio.gather(*(watch(port, token, until_s) for _ in range(viewers)))
    return sum(seconds for seconds, _ in found), sum(size for _, size in found)


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return the memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a flood to viewers, and print what that took."""
    parser = argparse.ArgumentParser(prog="benchmarks/run viewers", description=__doc__)
    parser.add_argument("--viewers", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        token, text = make_token("wall", Level.VIEW, "2026-11-21")
        write_tokens(folder / "tokens.json", [token])
        daemon = FakeDesk()
        daemon.flood()
        with serving(folder, daemon.verbs()):
            command = [sys.executable, "-c", SERVE, str(folder), str(folder / "tokens.json")]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                try:
                    print(json.dumps(measure(process, text, options.viewers, options.seconds)))
                finally:
                    process.terminate()


def measure(
    process: "subprocess.Popen[str]", token: str, viewers: int, seconds: float
) -> dict[str, float]:
    """Let viewers look at a console for so long."""
    if process.stdout is None:
        raise ValueError("the console must tell its port")
    port = int(process.stdout.readline())
    asyncio.run(crowd(port, token, viewers, time.monotonic() + 5))
    cpu, memory, begun = cpu_s(process.pid), resident_bytes(process.pid), time.monotonic()
    told, size = asyncio.run(crowd(port, token, viewers, begun + seconds))
    elapsed_s = time.monotonic() - begun
    return {
        "viewers": viewers,
        "seconds": round(elapsed_s, 1),
        "told_a_viewer_and_second": round(told / viewers / elapsed_s, 3),
        "bytes_a_second_told": round(size / max(told, 1)),
        "share_of_a_core": round((cpu_s(process.pid) - cpu) / elapsed_s, 4),
        "memory_mb": round(resident_bytes(process.pid) / 1e6, 1),
        "memory_grown_mb": round((resident_bytes(process.pid) - memory) / 1e6, 2),
    }


if __name__ == "__main__":
    main()
