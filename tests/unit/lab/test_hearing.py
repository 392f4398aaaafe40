"""What the daemon said while it was under attack."""

import json
from datetime import UTC, datetime

from floodwall.core.verdict import Kind
from floodwall.lab.hearing import Told, hear, sum_up
from floodwall.lab.result import Verdicts

SECOND = 1_000_000_000
OFFSET = 1_000_000 * SECOND  # wall clock minus monotonic clock
SPOOFED = {Kind.SPOOFED_FLOOD}


def line(at_s: float, **kinds: str) -> str:
    """Return a line of the daemon, told at a monotonic second."""
    at = datetime.fromtimestamp(1_000_000 + at_s, UTC).isoformat(timespec="milliseconds")
    verdicts = {
        name: {"kind": kind, "evidence": [{"text": f"{name} seen"}], "advice": "raise it"}
        for name, kind in kinds.items()
    }
    return json.dumps({"kind": "second", "at": at, "verdicts": verdicts})


def story(*kinds: Kind) -> list[Told]:
    """Return one verdict a second, from second 1 on."""
    return [Told(at * SECOND, at, kind, f"at {at}") for at, kind in enumerate(kinds, 1)]


def judged(told: list[Told], begin_s: float, *, attacked: bool = True) -> Verdicts:
    """Sum up what was told of a spoofed flood until second 10."""
    return sum_up(told, round(begin_s * SECOND), 10 * SECOND, SPOOFED, attacked=attacked)


def test_verdicts_come_from_the_lines_of_seconds() -> None:
    """Whatever else the daemon says, and even if its last line is cut."""
    said = "\n".join(
        ['{"kind": "event", "at": "x", "text": "y"}', line(2.5, http="spoofed_flood"),
         line(3.5, http="calm", machine="syn_scan"), line(4.5)[:20]]
    )  # fmt: skip
    found = hear(said, OFFSET)

    assert [one.kind for one in found] == [Kind.SPOOFED_FLOOD, Kind.CALM, Kind.SYN_SCAN]
    assert found[0] == Told(2 * SECOND + SECOND // 2, 0, Kind.SPOOFED_FLOOD, "http seen; raise it")
    assert found[1].second == found[2].second == 1


def test_a_daemon_that_tells_no_verdicts_has_none() -> None:
    """Silence is not calm."""
    found = judged(hear('{"kind": "second", "at": "2026-01-01T00:00:00+00:00"}', OFFSET), 1.0)

    assert (found.shown, found.after_s, found.seconds, found.false_s) == (None, None, {}, 0)


def test_the_verdict_is_what_was_told_longest() -> None:
    """Calm is what is told of nothing else; the time counts to the first one that is right."""
    told = story(Kind.CALM, Kind.SYN_SCAN, Kind.SPOOFED_FLOOD, Kind.SPOOFED_FLOOD, Kind.CALM)
    found = judged(told, 0.5)

    assert found.shown is Kind.SPOOFED_FLOOD
    assert found.after_s == 2.5
    assert found.seconds == {"calm": 2, "spoofed_flood": 2, "syn_scan": 1}
    assert found.words == "at 4"
    assert judged(story(Kind.CALM), 0.5).shown is Kind.CALM


def test_two_services_in_one_second_count_once() -> None:
    """IPv4 and IPv6 listeners are told apart."""
    both = [Told(SECOND, 1, Kind.SPOOFED_FLOOD, ""), Told(SECOND, 1, Kind.SPOOFED_FLOOD, "")]

    assert judged(both, 0.5).seconds == {"spoofed_flood": 1}


def test_an_attack_before_the_attack_is_false() -> None:
    """So is every one where nobody attacks; crowds are none."""
    told = story(Kind.SYN_SCAN, Kind.FLASH_CROWD, Kind.SPOOFED_FLOOD)

    assert judged(told, 2.5).false_s == 1
    assert judged(told, 0.5).false_s == 0
    assert judged(told, 0.5, attacked=False).false_s == 2


def test_what_is_told_after_the_end_is_neither_right_nor_false() -> None:
    """A verdict is held for a while."""
    told = [Told(11 * SECOND, 11, Kind.SPOOFED_FLOOD, "")]

    assert judged(told, 0.5).after_s is None
    assert judged(told, 0.5).false_s == 0
