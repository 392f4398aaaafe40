"""All sources as comma-separated values."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from floodwall.core.address import Address
from floodwall.forensics.evidence import Flag, SocketSnapshot
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.outputs.table import COLUMNS, harmless, table
from floodwall.forensics.partial import Partial
from tests.support.evidence import flood_rows, golden_log, handshake_rows, segments


def lines(
    partial: Partial, place: Callable[[Address], tuple[str, str]] | None = None
) -> list[dict[str, str]]:
    """Return the lines of a table, read as a spreadsheet does."""
    text = b"".join(table(partial, place) if place else table(partial)).decode()
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_source_has_a_line(tmp_path: Path) -> None:
    """Not only the largest ones, and the naive reading stands beside."""
    golden = golden_log()
    file = tmp_path / "kern.log"
    file.write_text(golden.text)
    partial = read_input(str(file), Options(year=2004))
    found = lines(partial)
    assert len(found) == golden.addresses
    assert sum(int(line["requests"]) for line in found) == golden.observed
    naive = sum(int(line["naive_reading"]) for line in found)
    assert naive == golden.observed + golden.suppressed
    assert found[0]["first"].startswith("2004-02-28T")
    assert {line["handshakes_completed"] for line in found} == {""}


def test_times_since_the_start_of_a_machine_are_told_as_such(tmp_path: Path) -> None:
    """As durations, like everywhere else."""
    file = tmp_path / "dmesg"
    file.write_text("[   12.250000] TCP: drop open request from 192.0.2.1/9\n" * 20)
    (line,) = lines(read_input(str(file), Options()))
    assert (line["first"], line["last"]) == ("PT12.250S", "PT12.250S")


def test_what_sources_finished_is_told_of_captures() -> None:
    """With their prefix and the number of what they asked."""
    partial = Partial()
    finished = [row for row in handshake_rows(4, sources=1, data=False) if row[0] >= 0]
    other = (9.0, "2001:db8::1", 5, "2001:db8:f::1", 80, Flag.SYN)
    made = segments(*finished, other, (9.0, "2001:db8::1", 5, "2001:db8:f::1", 81, Flag.SYN))
    made["sequence"] = [1_001 if flags & Flag.ACK else 1_000 for flags in made["flags"]]
    partial.add(made)
    first, second = lines(partial)
    assert (first["source"], first["prefix"]) == ("192.0.2.0", "192.0.2.0/24")
    assert (first["requests"], first["handshakes_completed"], first["victims"]) == ("4", "4", "1")
    assert (second["source"], second["prefix"]) == ("2001:db8::1", "2001:db8::/64")
    assert (second["requests"], second["handshakes_completed"], second["victims"]) == (
        "2", "0", "2",
    )  # fmt: skip


def test_half_open_requests_of_dumps_are_counted_apart() -> None:
    """Two looks at the same request are one request."""
    partial = Partial()
    waiting = segments((0.0, "203.0.113.5", 1, "198.51.100.1", 80, Flag.SYN))
    for _ in range(2):
        partial.snapshot(SocketSnapshot(waiting, (), ()))
    (line,) = lines(partial)
    assert (line["source"], line["requests"], line["half_open_in_dumps"]) == (
        "203.0.113.5", "0", "1",
    )  # fmt: skip


def test_very_many_sources_come_in_pieces() -> None:
    """None is lost between two of them."""
    partial = Partial()
    partial.add(segments(*flood_rows(9_000)))
    assert len(list(table(partial))) == 3
    assert len({line["source"] for line in lines(partial)}) == 9_000


def test_nothing_has_a_head_only() -> None:
    """So that programs need no exception."""
    assert lines(Partial()) == []


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", " =1", "\t=1"])
def test_no_text_is_computed(text: str) -> None:
    """As names of networks could be."""
    assert harmless(text)[0] in "'·"
    partial = Partial()
    partial.add(segments(*flood_rows(1)))
    (line,) = lines(partial, lambda _address: ("DE", text))
    assert (line["country"], line["network"]) == ("DE", harmless(text))
