"""Which verdicts are worth a row."""

from dataclasses import replace

from floodwall.core.model import SECOND_NS
from floodwall.core.verdict import Kind, Verdict
from floodwall.store.told_verdicts import AGAIN_NS, ToldVerdicts
from tests.support.records import verdict

CALM, FLOOD = verdict(Kind.CALM), verdict(Kind.SPOOFED_FLOOD)


def told(news: ToldVerdicts, at_s: float, *verdicts: Verdict) -> list[tuple[Kind, bool]]:
    """Return what is written of a second."""
    given = {each.service: each for each in verdicts}
    found = news.news(int(at_s * SECOND_NS), given)
    return [(each.verdict.kind, each.changed) for each in found]


def test_calm_from_the_beginning_is_no_news() -> None:
    """Thousands of services are calm when the daemon starts."""
    assert told(ToldVerdicts(), 0, CALM) == []


def test_every_change_is_written() -> None:
    """Into an attack, to another kind and out of it; in between only every half minute."""
    news = ToldVerdicts()

    assert told(news, 0, FLOOD) == [(Kind.SPOOFED_FLOOD, True)]
    assert [told(news, second, FLOOD) for second in range(1, 30)] == [[]] * 29
    assert told(news, AGAIN_NS / SECOND_NS, FLOOD) == [(Kind.SPOOFED_FLOOD, False)]
    assert told(news, 31, verdict(Kind.MIXED_FLOOD)) == [(Kind.MIXED_FLOOD, True)]
    assert told(news, 32, CALM) == [(Kind.CALM, True)]
    assert told(news, 1000, CALM) == []


def test_a_verdict_that_grows_sure_is_written_with_its_evidence() -> None:
    """But not every second, however its confidence swings."""
    news = ToldVerdicts()
    told(news, 0, replace(FLOOD, confidence=0.5))
    swings = [replace(FLOOD, confidence=0.9 - (n % 2) * 0.5) for n in range(60)]
    written = [n for n, each in enumerate(swings) if told(news, 1 + n, each)]

    assert written[0] == 4
    assert len(written) <= 12


def test_a_crowd_that_goes_on_is_no_news() -> None:
    """It is no attack: nothing about it is evidence later."""
    news = ToldVerdicts()
    crowd = verdict(Kind.FLASH_CROWD)

    assert told(news, 0, crowd) == [(Kind.FLASH_CROWD, True)]
    assert told(news, 3600, crowd) == []


def test_services_that_are_gone_are_forgotten() -> None:
    """An index may be another service next time."""
    news = ToldVerdicts()
    told(news, 0, FLOOD)
    told(news, 1)
    assert told(news, 2, FLOOD) == [(Kind.SPOOFED_FLOOD, True)]
