"""What is done ever more seldom while it is in vain."""

from collections.abc import Callable
from itertools import pairwise

from floodwall.app.chores import HEAL_NS, LONGEST_NS, QUIET_NS, TRIES, Attempts, Chore
from floodwall.core.errors import KernelError
from floodwall.core.model import SECOND_NS


def lived(seconds: int, work: Callable[[], list[str]]) -> tuple[list[int], list[str]]:
    """Let a chore live for so long; return the seconds in which it was tried, and what it said."""
    chore, tried, said = Chore("healing", HEAL_NS, 0), [], list[str]()

    def noted() -> list[str]:
        tried.append(second)
        return work()

    for second in range(seconds):
        said += chore.run(second * SECOND_NS, noted)
    return tried, said


def broken() -> list[str]:
    """Fail like a map that nobody may write."""
    raise KernelError("update map never_ban: EPERM")


def drifted() -> list[str]:
    """Find something that somebody else has changed."""
    return ["put right 1 entry"]


def test_without_trouble_it_is_done_in_its_rhythm() -> None:
    """And says nothing."""
    assert lived(9, list) == ([0, 2, 4, 6, 8], [])


def test_what_fails_each_time_is_told_once_and_tried_ever_more_seldom() -> None:
    """In an hour sixty-odd times instead of eighteen hundred; it is never given up."""
    tried, said = lived(3600, broken)
    waits = [after - before for before, after in pairwise(tried)]

    assert waits[:8] == [2, 2, 4, 8, 16, 32, 60, 60]
    assert max(waits) == LONGEST_NS // SECOND_NS
    assert len(tried) < 70
    assert said == [
        "failed: healing: update map never_ban: EPERM",
        f"healing: in vain {TRIES} times, tried more seldom, up to 1m",
    ]


def test_a_tug_of_war_is_left_and_told_once() -> None:
    """What is put right and wrong again for ever; the first times are told one by one."""
    tried, said = lived(600, drifted)

    assert len(tried) < 20
    assert said[:TRIES] == ["put right 1 entry"] * TRIES
    assert len(said) == TRIES + 1


def test_after_a_quiet_while_all_begins_anew() -> None:
    """Trouble of yesterday slows nothing down today."""
    chore = Chore("healing", HEAL_NS, 0)
    now_ns = 0
    for _ in range(TRIES + 3):
        now_ns = chore.due_ns
        chore.run(now_ns, broken)
    now_ns = chore.due_ns
    assert chore.run(now_ns, list) == []
    assert chore.due_ns - now_ns == HEAL_NS
    now_ns += QUIET_NS + LONGEST_NS

    assert chore.run(now_ns, broken) == ["failed: healing: update map never_ban: EPERM"]
    assert chore.due_ns - now_ns == HEAL_NS


def test_another_failure_is_news() -> None:
    """Of the same chore, for another reason."""
    chore = Chore("healing", HEAL_NS, 0)
    chore.run(0, broken)

    def full() -> list[str]:
        raise OSError(28, "No space left on device")

    assert chore.run(HEAL_NS, full) == ["failed: healing: [Errno 28] No space left on device"]


def test_what_fails_every_second_is_told_at_its_begin_and_its_end() -> None:
    """And never skipped: it works again in the first second in which it can."""
    attempts = Attempts()
    said = [attempts.run("following", work) for work in (list, broken, broken, drifted, list)]

    assert said == [
        [],
        ["failed: following: update map never_ban: EPERM"],
        [],
        ["put right 1 entry", "following: works again"],
        [],
    ]
