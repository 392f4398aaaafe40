"""What a finding is."""

from dataclasses import dataclass
from typing import cast

from floodwall.core.verdict import Kind as LiveKind
from floodwall.forensics.finding import OF_LIVE, Finding, Kind, Requests, worst


def test_every_live_kind_but_calm_has_a_word_here() -> None:
    """And it is an attack in both worlds or in none."""
    assert set(OF_LIVE) == set(LiveKind) - {LiveKind.CALM}
    for live, kind in OF_LIVE.items():
        assert live.is_attack == kind.is_attack


def test_the_worst_comes_first() -> None:
    """A flood outweighs a scan; nothing outweighs nothing."""

    @dataclass
    class Said:
        kind: Kind

    said = [Said(Kind.SYN_SCAN), Said(Kind.SYN_FLOOD)]
    assert worst(cast("list[Finding]", said)) is Kind.SYN_FLOOD
    assert worst([]) is None


def test_a_total_is_the_sum_of_its_parts() -> None:
    """Which stay apart."""
    assert Requests(5, 6_560).total == 6_565
