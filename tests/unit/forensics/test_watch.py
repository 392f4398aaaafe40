"""What happens in a log while it grows."""

from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.selection import Selection
from floodwall.forensics.watch import QUIET_S, Event, Watch, pause_after
from tests.support.evidence import golden_log

START = 1_077_954_190.0
LINES = golden_log().text.splitlines(keepends=True)


def watch() -> Watch:
    """Watch a log of the year 2004."""
    return Watch("kern.log", Clock(START, 2004), Selection())


def lines(first: int, end: int) -> bytes:
    """Return some lines of a log of a flood."""
    return "".join(LINES[first:end]).encode()


def test_a_flood_is_told_once_when_it_begins() -> None:
    """Not again while it is nearly the same."""
    seen = watch()
    assert list(seen.look(0.0)) == []
    seen.take(lines(0, 40))
    ((event, finding),) = seen.look(1.0)
    assert (event, finding.kind.value, seen.attacked) == (Event.FOUND, "syn_flood", True)
    assert finding.requests.observed == 20
    seen.take(lines(40, 42))
    assert list(seen.look(60.0)) == []


def test_growth_is_told_at_a_pace() -> None:
    """When it doubled, and not every second."""
    seen = watch()
    seen.take(lines(0, 40))
    assert [event for event, _ in seen.look(0.0)] == [Event.FOUND]
    seen.take(lines(40, 100))
    assert list(seen.look(1.0)) == []
    seen.take(lines(100, 102))
    ((event, finding),) = seen.look(30.0)
    assert (event, finding.requests.observed) == (Event.GROWN, 51)


def test_a_quiet_time_ends_the_episode() -> None:
    """The next flood is counted from nothing."""
    seen = watch()
    seen.take(lines(0, 40))
    assert [event for event, _ in seen.look(0.0)] == [Event.FOUND]
    assert list(seen.look(QUIET_S - 1)) == []
    ((event, finding),) = seen.look(QUIET_S)
    assert (event, finding.requests.observed) == (Event.OVER, 20)
    assert list(seen.look(3 * QUIET_S)) == []
    seen.take(lines(200, 260))
    ((event, finding),) = seen.look(3 * QUIET_S + 1)
    assert (event, finding.requests.observed) == (Event.FOUND, 30)


def test_what_was_not_told_yet_is_told_at_the_end() -> None:
    """With all that was read."""
    seen = watch()
    seen.take(lines(0, 40))
    told = list(seen.finish(0.0))
    assert [event for event, _ in told] == [Event.FOUND, Event.OVER]
    assert told[1][1].requests.observed == 20


def test_lines_about_nothing_tell_nothing() -> None:
    """However many."""
    seen = watch()
    seen.take(b"Feb 28 09:27:37 nap1 kernel: eth0: link up\n" * 1_000)
    assert list(seen.look(1.0)) == []
    assert list(seen.finish(2.0)) == []
    assert not seen.attacked


def test_looking_stays_cheap() -> None:
    """The dearer a look, the rarer."""
    assert pause_after(0.001) == 1.0
    assert pause_after(0.5) == 10.0
