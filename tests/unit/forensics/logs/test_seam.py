"""Logs that are read in parts."""

import os
from itertools import starmap
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.forensics import inputs
from floodwall.forensics.account import account_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.seam import Recent, Seam
from floodwall.forensics.outputs.document import document
from floodwall.forensics.partial import Partial
from floodwall.forensics.parts import Sharing
from tests.support.log_lines import logs

HEAD = b"kernel: "
DROP = b"TCP: drop open request from 192.0.2.%d/80"


def shown(partial: Partial) -> dict[str, object]:
    """Return all that is kept of a log."""
    tables = {
        name: [
            column.tolist()
            for rows in [getattr(partial, name).rows()]
            for column in (rows.hashes, rows.keys, rows.counts, rows.first, rows.last)
        ]
        for name in ("pairs", "victims", "endpoints", "cells", "shapes", "naive")
    }
    plain = ("suppressed", "marks", "untrusted", "untrusted_samples", "masked", "relative")
    return {
        "tables": repr(tables),
        "plain": [repr(getattr(partial, name)) for name in plain],
        "inputs": repr(partial.inputs),
        "account": repr(document(account_of(partial))),
    }


def both_ways(
    lines: list[bytes], *, cuts: int, look_back: int, year: int | None = None
) -> tuple[dict[str, object], dict[str, object]]:
    """Return what a log gives read as a whole, and read in so many parts."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        file = Path(folder, "kern.log")
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        os.utime(file, (1.7e9, 1.7e9))
        options = Options(year=year)
        patch.setattr(inputs, "workers", lambda: 1)
        whole = shown(read_input(str(file), options))
        patch.setattr(inputs, "LOGS", Sharing(1, cuts))
        patch.setattr(inputs, "LOOK_BACK_BYTES", look_back)
        patch.setattr(inputs, "workers", lambda: cuts)
        patch.setattr(inputs, "in_processes", starmap)  # the same, without a fork for each case
        return whole, shown(read_input(str(file), options))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(logs(), st.integers(2, 4), st.sampled_from([0, 60, 300, 1 << 20]))
def test_parts_give_what_the_whole_gives(lines: list[bytes], cuts: int, look_back: int) -> None:
    """Wherever it is cut, and however little is known at a cut."""
    whole, parts = both_ways(lines, cuts=cuts, look_back=look_back)
    assert parts == whole


def flood(
    month_day: bytes, count: int = 40, host: bytes = b"nap1", stamp: bytes = b""
) -> list[bytes]:
    """Return requests within a minute of a day."""
    return [
        month_day + b" 09:27:%02d " % (n % 60) + host + b" " + HEAD + stamp + DROP % (n % 250)
        for n in range(count)
    ]


@pytest.mark.parametrize("look_back", [0, 500, 1 << 20])
@pytest.mark.parametrize("year", [None, 2003])
def test_years_go_on_over_a_cut(look_back: int, year: int | None) -> None:
    """Also where the operator told the first one."""
    lines = flood(b"Dec 31") + flood(b"Jan  1", 120) + flood(b"Feb 28", 10)
    whole, parts = both_ways(lines, cuts=3, look_back=look_back, year=year)
    assert parts == whole


def test_a_kernel_that_stamps_its_lines_is_known_behind_a_cut() -> None:
    """Who forges its lines without a stamp is not believed there either."""
    stamped = flood(b"Feb 28", 60, b"a", b"[  601.749973] ")
    others = flood(b"Feb 28", 120, b"b")
    forged = flood(b"Feb 28", 60, b"a")
    whole, parts = both_ways(stamped + others + forged, cuts=2, look_back=500)
    assert parts == whole
    assert "60" in str(whole["plain"])


def test_a_total_and_its_message_may_be_apart() -> None:
    """So may a line and how often it was repeated, or the naive reading and its address."""
    pair = [
        b"Feb 28 09:27:37 nap1 kernel: printk: 60 messages suppressed.",
        b"Feb 28 09:27:37 nap1 kernel: eth0: link up",
        b"Feb 28 09:27:37 nap1 kernel: NET: 7 messages suppressed.",
        *flood(b"Feb 28", 1),
        b"Feb 28 09:27:38 nap1 last message repeated 4 times",
    ]
    for cuts in (2, 3, 4):
        for shift in range(5):
            lines = [b"Feb 28 09:27:37 nap1 x"] * shift + pair * 9
            whole, parts = both_ways(lines, cuts=cuts, look_back=200)
            assert parts == whole


def test_entries_of_a_journal_are_not_cut() -> None:
    """Their fields are lines."""
    entry = [
        b"__CURSOR=s=1", b"__REALTIME_TIMESTAMP=1077960457000000", b"_TRANSPORT=kernel",
        b"_HOSTNAME=nap1", b"MESSAGE=" + DROP % 7, b"",
    ]  # fmt: skip
    whole, parts = both_ways(entry * 40, cuts=3, look_back=100)
    assert parts == whole
    assert "'total': 40" in str(whole["account"])


def test_a_line_of_megabytes_takes_nothing_with_it() -> None:
    """What stands behind it in the next part is read."""
    lines = [*flood(b"Feb 28", 9), b"x" * (3 << 20), *flood(b"Feb 28", 9)]
    whole, parts = both_ways(lines, cuts=3, look_back=100)
    assert parts == whole


def test_what_does_not_fit_is_told() -> None:
    """A part fits if it knew the same, and believed nobody whom we would not have believed."""
    known = Seam(Clock(1.7e9), wrapped=True, stamped=frozenset([b"a"]))
    same = Seam(Clock(1.7e9), wrapped=True)
    assert known.fits(same, same)
    assert not known.fits(Seam(Clock(1.7e9), Recent(hidden=3), wrapped=True), same)
    assert not known.fits(Seam(Clock(1.7e9)), same)
    assert not known.fits(same, Seam(Clock(1.7e9), wrapped=True, plain=frozenset([b"a"])))
    assert not known.fits(Seam(Clock(1.7e9), wrapped=True, stamped=frozenset([b"b"])), same)
    assert known.then(same).stamped == {b"a"}
