"""Findings in words."""

from floodwall.forensics.finding import Kind
from floodwall.forensics.outputs.sentences import TITLES, sentences
from tests.support.evidence import account_of_rows, flood_rows


def test_every_kind_has_a_title() -> None:
    """No reader meets an identifier."""
    assert set(TITLES) == set(Kind)
    assert not any("_" in title for title in TITLES.values())


def test_a_finding_tells_what_is_known_only() -> None:
    """No empty sentence, and no sentence about what nobody saw."""
    (finding,) = account_of_rows(flood_rows(400)).findings
    told = sentences(finding)
    assert all(text for _, text in told)
    words = dict(told)
    assert words["against"] == "198.51.100.1 port 80"
    assert words["requests"] == "400"
    assert words["forged"].startswith("unknown: no SYN-ACK is visible")
