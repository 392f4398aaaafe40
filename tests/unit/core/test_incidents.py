"""From the first verdict to a minute of calm."""

import pytest

from floodwall.core.decision import Act
from floodwall.core.incidents import BLIND_NS, WORDS
from floodwall.core.model import SECOND_NS
from floodwall.core.verdict import Kind
from tests.support.drill import Drill, second


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CALM])
def test_a_verdict_opens_an_incident_at_once(kind: Kind) -> None:
    """With the evidence of the verdict; that of an attack and that of a crowd alike."""
    drill = Drill().called(kind) >> second(0)

    (decision,) = [each for each in drill.decisions if each.act is Act.OPEN_INCIDENT]
    assert decision.text == f"*:80: {WORDS[kind]}"
    assert decision.service == 0
    assert [evidence.name for evidence in decision.evidence] == ["made_up"]


def test_every_kind_has_words() -> None:
    """An operator reads no enum."""
    assert set(WORDS) == set(Kind)


def test_calm_opens_nothing() -> None:
    """A day of calm is no incident."""
    assert Drill().called(Kind.CALM).seconds(0, 100).decisions == []


def test_a_minute_of_calm_closes_it() -> None:
    """It lasted as long as it was other than calm."""
    drill = Drill().called(Kind.SPOOFED_FLOOD).seconds(0, 30).called(Kind.CALM)
    assert drill.seconds(31, 89).decisions == []
    drill >> second(90)

    assert drill.told(Act.CLOSE_INCIDENT) == [
        "*:80: a SYN flood from forged addresses is over after 30s"
    ]
    assert drill.state.response.incidents == {}


def test_pauses_are_one_incident() -> None:
    """A flood of a second in every fifty is one, not many."""
    drill = Drill()
    acts = []
    for now_s in range(600):
        drill.called(Kind.CALM if now_s % 50 else Kind.REAL_FLOOD) >> second(now_s)
        acts += [decision.act for decision in drill.decisions]

    assert acts == [Act.OPEN_INCIDENT]


def test_silence_is_not_calm() -> None:
    """Without a verdict it stays open for ten minutes, and then says why it ended."""
    drill = Drill().called(Kind.SYN_SCAN).seconds(0, 10)
    drill.verdicts = {}
    blind_s = BLIND_NS // SECOND_NS
    assert drill.seconds(11, 9 + blind_s).decisions == []
    drill >> second(10 + blind_s)

    assert drill.told(Act.CLOSE_INCIDENT) == ["*:80: a SYN scan is out of sight after 10s"]


def test_the_gravest_kind_names_it() -> None:
    """A crowd that turns out to be a flood is closed as a flood."""
    drill = Drill().called(Kind.FLASH_CROWD).seconds(0, 5).called(Kind.MIXED_FLOOD).seconds(6, 9)
    drill.called(Kind.SLOW_APPLICATION).seconds(10, 20).called(Kind.CALM).seconds(21, 80)

    assert drill.told(Act.CLOSE_INCIDENT) == [
        "*:80: a SYN flood from forged and real addresses is over after 20s"
    ]


def test_the_machine_has_its_own() -> None:
    """A scan belongs to no service."""
    drill = Drill()
    drill.verdicts = {None: drill.called(Kind.SYN_SCAN).verdicts[0]}
    drill >> second(0)

    assert drill.told(Act.OPEN_INCIDENT) == ["this machine: a SYN scan"]


def test_a_service_that_went_away_leaves_no_incident() -> None:
    """Its listener is gone, and so is who could be attacked."""
    drill = Drill().called(Kind.SPOOFED_FLOOD).seconds(0, 5)
    drill.verdicts = {}

    assert drill.seconds(6, 700, targets=()).told(Act.CLOSE_INCIDENT)
    assert drill.state.response.incidents == {}
