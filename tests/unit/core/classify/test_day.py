"""A whole day without an attack, and attacks that hide in it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from floodwall.core.classify.classifier import Classifier, classify
from floodwall.core.verdict import Kind, Verdict
from tests.support.day import BACKUP, CROWDS, DAY_S, SCANS, UNSEEN, WEB, Day, Span, within

HELD_S = 22
"""What is found in ten seconds is said for ten seconds more."""


def live(
    day: Day, seconds: int, classifier: Classifier | None = None
) -> Iterator[tuple[int, dict[int | None, Verdict], Classifier]]:
    """Yield what is said in each second."""
    services = tuple(site.service for site in day.sites)
    limits = {site.index: site.limits for site in day.sites}
    classifier = classifier or Classifier()
    for second, seen in day.seconds(seconds):
        classifier, verdicts = classify(classifier, seen, services, limits)
        yield second, {verdict.service: verdict for verdict in verdicts}, classifier


def some(spans: tuple[Span, ...], second: int) -> Span | None:
    """Return the span that a second lies in."""
    return next((span for span in spans if within(span, second, HELD_S)), None)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_day_without_attack_has_no_verdict_of_one() -> None:
    """Crowds are called crowds, scans scans, and nothing else is called anything."""
    attacks: list[tuple[int, Verdict]] = []
    crowds: Counter[Span | None] = Counter()
    scans: Counter[Span | None] = Counter()
    unsure = full_link = 0
    for second, said, _ in live(Day(), DAY_S):
        for service, verdict in said.items():
            if verdict.kind is Kind.SYN_SCAN and service is None:
                scans[some(SCANS, second)] += 1
            elif verdict.kind is Kind.FLASH_CROWD and service == WEB:
                crowds[some(CROWDS, second)] += 1
            elif verdict.kind.is_attack:
                attacks.append((second, verdict))
        if within(UNSEEN, second):
            unsure += said[WEB].confidence == 0
        if within(BACKUP, second) and second > BACKUP[0]:
            names = [evidence.name for evidence in said[None].evidence]
            full_link += names == ["link_saturated"]

    assert attacks == []
    assert set(crowds) == set(CROWDS)
    assert set(scans) == set(SCANS)
    assert unsure == UNSEEN[1] - UNSEEN[0]
    assert full_link == BACKUP[1] - BACKUP[0] - 1
