"""The account as a whole: the log that started it all."""

import os
from pathlib import Path

import pytest

from floodwall.forensics.account import Account, account_of
from floodwall.forensics.finding import Kind
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.partial import merged
from tests.support.evidence import GoldenLog, golden_log


@pytest.fixture(scope="module")
def golden() -> GoldenLog:
    """Make the log once."""
    return golden_log()


@pytest.fixture
def account(golden: GoldenLog, tmp_path: Path) -> Account:
    """Analyse it."""
    file = tmp_path / "kern.log"
    file.write_text(golden.text)
    return account_of(read_input(str(file), Options(year=2004)))


def test_the_flood_of_2004_is_told_exactly(golden: GoldenLog, account: Account) -> None:
    """Number of addresses, totals, rates and the top endpoint, all as the log was made."""
    assert account.verdict is Kind.SYN_FLOOD
    assert account.is_attack
    (finding,) = account.findings

    assert (finding.sources.distinct, finding.sources.exact) == (golden.addresses, True)
    assert golden.addresses == 572
    assert finding.requests.observed == golden.observed
    assert finding.requests.suppressed == golden.suppressed
    assert finding.requests.total > 1_750_000
    assert finding.rate.mean == pytest.approx(finding.requests.total / 6_827)
    assert finding.rate.mean is not None
    assert finding.rate.mean > 250
    assert finding.rate.lowest == pytest.approx(golden.lowest)
    assert finding.rate.peak == pytest.approx(golden.highest)
    assert finding.sources.endpoints[0].name == golden.top_endpoint
    assert finding.sources.endpoints[0].requests == golden.top_count
    assert finding.start == golden.start.timestamp()
    assert finding.end == golden.end.timestamp()


def test_what_was_suppressed_is_credited_to_nobody(golden: GoldenLog, account: Account) -> None:
    """And what the naive reading would have credited stands beside it."""
    (finding,) = account.findings
    assert sum(talker.requests for talker in finding.sources.top) <= golden.observed
    for talker in finding.sources.top:
        assert talker.naive is not None
        assert talker.naive > 100 * talker.requests


def test_rotated_parts_in_any_order_give_the_same(golden: GoldenLog, tmp_path: Path) -> None:
    """The parts are merged; only what the seam hides differs, and is said."""
    lines = golden.text.splitlines(keepends=True)
    names = []
    for number, part in enumerate((lines[:1000], lines[1000:2000], lines[2000:])):
        file = tmp_path / f"kern.log.{number}"
        file.write_text("".join(part))
        names.append(str(file))
    whole = merged(read_input(name, Options(year=2004)) for name in reversed(names))

    (finding,) = account_of(whole).findings
    assert finding.requests.observed == golden.observed
    assert finding.requests.suppressed == golden.suppressed
    assert finding.sources.distinct == golden.addresses
    assert finding.rate.lowest == pytest.approx(golden.lowest)
    assert finding.rate.peak == pytest.approx(golden.highest)


def test_the_year_is_the_newest_that_fits(golden: GoldenLog, tmp_path: Path) -> None:
    """A file that was last written in March 2004 is of 2004, and the assumption is told."""
    file = tmp_path / "kern.log"
    file.write_text(golden.text)
    os.utime(file, (golden.end.timestamp() + 86_400 * 9,) * 2)
    account = account_of(read_input(str(file), Options()))

    assert account.findings[0].start == golden.start.timestamp()
    assert account.inputs[0].clock.year == 2004
    assert account.inputs[0].clock.ambiguous
