"""Hostile inputs as a whole: bounded in memory and time, one clear error each, never a crash."""

import subprocess
import sys
from pathlib import Path

import pytest

from floodwall.forensics.account import account_of
from floodwall.forensics.finding import Kind
from floodwall.forensics.inputs import Options, read_input
from tests.support.evidence import golden_log, pcap
from tests.support.packets import TCP, Ethernet, IPv4

MOST_MEGABYTES = 300
MEASURED = """
import re, resource, sys
from floodwall.forensics.account import account_of
from floodwall.forensics.inputs import Options, read_input
account = account_of(read_input(sys.argv[1], Options()))
# ru_maxrss would count what the test runner held when it started us.
own = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
parts = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(account.verdict, (own + parts) // 1024, account.inputs[0].errors)
"""


def measured(path: Path) -> tuple[str, int, str]:
    """Analyse a file in a process of its own: verdict, megabytes and errors."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)],
        capture_output=True, text=True, check=True, timeout=50,
    )  # fmt: skip
    verdict, megabytes, errors = done.stdout.split(" ", 2)
    return verdict, int(megabytes), errors


def syns(count: int) -> bytes:
    """Make a capture of SYNs from sources that never come again."""
    return pcap(
        (n / 50_000, bytes(Ethernet() / IPv4(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
                           / TCP(1_024 + n % 60_000, flags="S")))
        for n in range(count)
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["log", "pcap"])
def test_fifty_sparse_gigabytes_need_little_memory_and_time(kind: str, tmp_path: Path) -> None:
    """What stands before the hole is told, and that it is a hole."""
    file = tmp_path / "giant"
    file.write_bytes(golden_log().text.encode() if kind == "log" else syns(2_000))
    with file.open("r+b") as giant:
        giant.truncate(50 << 30)
    verdict, megabytes, errors = measured(file)
    assert verdict == "syn_flood"
    assert megabytes < MOST_MEGABYTES
    assert "hole" in errors


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_long_flood_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    """Tables are bounded: half a million sources, again and again under other numbers."""
    head, body = syns(1)[:24], syns(100_000)[24:]
    size = len(body) // 100_000
    file = tmp_path / "flood.pcap"
    with file.open("wb") as capture:
        capture.write(head)
        for turn in range(12):
            part = bytearray(body)
            part[16 + 26 :: size] = bytes([11 + turn]) * 100_000  # first byte of the source
            capture.write(part)
    verdict, megabytes, errors = measured(file)
    assert (verdict, errors) == ("syn_flood", "()\n")
    assert megabytes < MOST_MEGABYTES

    finding = account_of(read_input(str(file), Options())).findings[0]
    assert finding.requests.observed == 1_200_000
    assert not finding.sources.exact
    assert finding.sources.low <= 1_200_000 <= finding.sources.high * 1.02
    assert finding.kind is Kind.SYN_FLOOD


@pytest.mark.parametrize(
    "line",
    [
        b"\x1b[2J\x1b]0;x\x07" * 50,
        b"Feb 28 09:27:37 h kernel: TCP: drop open request from " + b"9" * 100_000,
        b"Feb 28 09:27:37 h kernel: NET: " + b"9" * 400 + b" messages suppressed.",
        b"Feb 28 09:27:37 " * 10_000,
        b'{"MESSAGE":' * 20_000,
        b"[" * 50_000,
        b"IN= OUT= SRC=" * 5_000 + b" PROTO=TCP ",
        b"\xff\xfe\xfd" * 10_000,
    ],
)
def test_one_terrible_line_hides_no_other(line: bytes, tmp_path: Path) -> None:
    """The lines around it are read."""
    drop = b"Feb 28 09:27:37 h kernel: TCP: drop open request from 192.0.2.7/3755\n"
    file = tmp_path / "log"
    file.write_bytes(drop * 20 + line + b"\n" + drop * 20)
    partial = read_input(str(file), Options(year=2004))
    assert int(partial.pairs.rows().counts.sum()) == 40
