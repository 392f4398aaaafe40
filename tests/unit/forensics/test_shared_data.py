"""Real logs and captures from elsewhere: what is known about them is what is found.

The files are not part of this tree.  They are looked for in the folder that FLOODWALL_SHARED_DATA
names, or beside the clone; without them these tests are skipped.
"""

import os
from pathlib import Path

import pytest

from floodwall.forensics.account import account_of
from floodwall.forensics.inputs import Options, read_input
from tests.support.tree import ROOT
from tests.support.truths import ABSENT, EXACT, FOLDERS, REQUESTS, VERDICTS, Truth

DATA = Path(os.environ.get("FLOODWALL_SHARED_DATA") or ROOT.parent / "shared" / "data")
FILES = sorted(path for folder in FOLDERS for path in (DATA / folder).rglob("*") if path.is_file())

pytestmark = pytest.mark.skipif(not FILES, reason=ABSENT)


@pytest.mark.parametrize("path", FILES or [DATA], ids=lambda path: path.name)
def test_every_file_gives_what_is_known_about_it(path: Path) -> None:
    """Its verdict is among those that the truth allows."""
    folder = next(name for name in FOLDERS if path.is_relative_to(DATA / name))
    truth: Truth = VERDICTS.get(path.name, FOLDERS[folder])
    account = account_of(read_input(str(path), Options(year=2004)))
    assert (account.verdict.value if account.verdict else "none") in truth.split()


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_the_number_of_requests_is_exact(name: str) -> None:
    """As another program counted them."""
    (path,) = [path for path in FILES if path.name == name]
    partial = read_input(str(path), Options())
    assert int(partial.pairs.rows().counts.sum()) == REQUESTS[name]


@pytest.mark.parametrize("name", sorted(EXACT))
def test_floods_are_told_exactly(name: str) -> None:
    """Victim, requests, sources and peak."""
    (path,) = [path for path in FILES if path.name == name]
    finding = account_of(read_input(str(path), Options())).findings[0]
    address, port, requests, sources, peak = EXACT[name]
    assert (str(finding.victims[0].address), finding.victims[0].port) == (address, port)
    assert finding.requests.observed == requests
    assert (finding.sources.distinct, finding.sources.exact) == (sources, True)
    assert finding.rate.peak == peak
