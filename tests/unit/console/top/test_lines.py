"""The screen as lines of text."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from floodwall.console.feed import Link, Snapshot
from floodwall.console.top.lines import SMALLEST, View, screen
from floodwall.core.live import CanaryTally, LiveIncident, LiveService
from tests.support.fake_daemon import CALM, FLOOD, FLOODED, SSH, FakeDaemon
from tests.support.snapshots import NOW_S, snapshot_of

EVIL = "\x1b[2J\x1b]0;x\x07[bold]日本\u202e"


def text(view: View, width: int = 80, height: int = 23) -> str:
    """Return the screen as one text."""
    return "\n".join(line.plain.rstrip() for line in screen(view, width, height))


def flooded(**more: object) -> FakeDaemon:
    """Return a daemon in a flood."""
    daemon = FakeDaemon(**more)  # type: ignore[arg-type]  # fields of a dataclass by name
    daemon.flood()
    return daemon


def test_the_first_screen_answers_three_questions() -> None:
    """Users first; in 80 columns and 24 lines, of which the keys take one."""
    shown = text(View(snapshot_of(flooded()))).splitlines()

    assert shown[0] == ("Floodwall  LIVE  08:00:00 UTC  XDP  lease 9m 58s  bans 2  you may operate")
    assert shown[1] == "the defence is whole"
    places = [shown.index(h) for h in ("Are my users getting in?", "What are we doing?")]
    attack = next(n for n, line in enumerate(shown) if line.startswith("What is attacking?"))
    assert places[0] < attack < places[1]
    assert "> *:443 nginx         YES    59/60 tries, 0.08 ms, worst 3.1 ms; 812 connected" in shown
    assert (
        "> *:443 nginx         48,254  48,251     42      9/64 99.8 %  spoofed flood 97%" in shown
    )
    assert any("ARMED 41s" in line and "challenge" in line for line in shown)
    assert "  incident for 42s      *:443 nginx: a SYN flood from forged addresses" in shown
    assert "  because: 48,211 SYNs a second stayed unanswered, usual is 1" in shown
    assert "  advice: raise the backlog of nginx: listen 443 backlog=4096" in shown
    assert "  dropped a second: bad ack 7" in shown


@pytest.mark.parametrize(("width", "height"), [(60, 16), (80, 23), (100, 40), (250, 70)])
@pytest.mark.parametrize("services", [0, 1, 2, 9, 64])
def test_it_fits(width: int, height: int, services: int) -> None:
    """Whatever is to be shown."""
    daemon = flooded()
    daemon.services = tuple(
        replace(FLOODED, index=n, name=f"*:{n} {'long' * 20}") for n in range(services)
    )
    daemon.incidents = (FLOOD,) * services
    lines = screen(
        View(snapshot_of(daemon), selected=f"*:{services - 1} {'long' * 20}"), width, height
    )

    assert len(lines) == height
    assert max(cell_len(line.plain) for line in lines) <= width
    assert "dropped a second" in "".join(line.plain for line in lines)


def test_a_terminal_that_is_too_small_is_told_so() -> None:
    """With what it takes."""
    assert text(View(snapshot_of()), SMALLEST[0] - 1, 23).startswith("needs 60 columns")
    assert text(View(snapshot_of()), 80, SMALLEST[1] - 1).startswith("needs 60 columns")


def test_a_daemon_that_is_gone_is_stale_since() -> None:
    """What was known stays, and is called old."""
    stale = snapshot_of(
        link=Link.STALE, since_wall_s=NOW_S - 12, error="no daemon can be reached", hint="try it"
    )
    shown = text(View(stale)).splitlines()

    assert shown[0] == (
        "Floodwall  STALE  nothing heard since 07:59:48 UTC, 12s ago: all below is old"
    )
    assert shown[1] == "not whole: no daemon can be reached (try it)"
    assert "*:443 nginx" in "".join(shown)


def test_a_daemon_that_never_answered_has_nothing_to_show() -> None:
    """But why, and what to do."""
    never = Snapshot(at_wall_s=NOW_S, error="no daemon can be reached", hint="floodwall run")
    shown = text(View(replace(never, health=snapshot_of().health)))

    assert shown.startswith("Floodwall  NO DAEMON  08:00:00 UTC")
    assert "machine: not known" in shown
    assert "dropped: not known" in shown
    assert "calm" not in shown


@pytest.mark.parametrize(
    ("canary", "told"),
    [
        (None, "?      no handshake of our own was tried"),
        (CanaryTally(0, 0, connected=False), "?      no handshake of our own was tried"),
        (CanaryTally(60, 60, connected=False, why="timed out"), "NO     0/60 tries: timed out"),
        (
            CanaryTally(60, 4, connected=False, why="refused", median_ms=1.0, worst_ms=2.0),
            "PARTLY 56/60 tries, 1 ms, worst 2 ms, last: refused",
        ),
        (
            CanaryTally(60, 4, connected=True, median_ms=1.0, worst_ms=2.0),
            "YES    56/60 tries, 1 ms, worst 2 ms",
        ),
    ],
)
def test_whether_users_get_in_is_said_in_a_word(canary: CanaryTally | None, told: str) -> None:
    """Our own handshakes tell; where none was made, nobody knows."""
    daemon = FakeDaemon(services=(replace(CALM, canary=canary, established=None),))

    assert f"> *:443 nginx         {told}" in text(View(snapshot_of(daemon))).splitlines()


def test_what_is_not_known_is_a_dash() -> None:
    """Never a zero."""
    bare = LiveService(0, "*:443", 443, "observe", "none")
    row = next(
        line
        for line in text(View(snapshot_of(FakeDaemon(services=(bare,))))).splitlines()
        if line.startswith("> *:443") and "calm" in line and "/" in line
    )

    assert row.split() == [">", "*:443", "-", "-", "-", "-/-", "-", "calm"]


def test_where_nothing_counts_no_zero_is_shown() -> None:
    """On a rung without a data plane."""
    assert "dropped: nothing is counted" in text(View(snapshot_of(FakeDaemon(counted=False))))


def test_the_selected_service_is_always_shown() -> None:
    """And what hides is counted."""
    daemon = flooded()
    daemon.services = tuple(replace(SSH, index=n, name=f"*:{n}") for n in range(1, 20))
    shown = text(View(snapshot_of(daemon), selected="*:15"))

    assert "> *:15 " in shown
    assert "more services: up and down show them" in shown
    gone = View(snapshot_of(daemon), selected="*:99").service
    assert gone is not None
    assert gone.name == "*:1"


def test_many_incidents_are_counted() -> None:
    """The first two are told."""
    daemon = flooded()
    daemon.incidents = (FLOOD, replace(FLOOD, service="*:22 sshd"), FLOOD, FLOOD)

    assert "2 more incidents are open" in text(View(snapshot_of(daemon)))


def test_a_trial_and_a_message_are_seen() -> None:
    """One needs an answer, the other is one."""
    daemon = FakeDaemon()
    daemon.standing = replace(daemon.standing, trial={"origin": "x", "left_s": 40.0, "who": "y"})
    shown = text(View(snapshot_of(daemon), message="banned 192.0.2.1/32")).splitlines()

    assert shown[1].startswith("settings on trial, 40s left: floodwall confirm")
    assert shown[-1] == "banned 192.0.2.1/32"


def test_no_service_is_told() -> None:
    """A machine on which nothing listens."""
    assert "no service is protected" in text(View(snapshot_of(FakeDaemon(services=()))))


def test_names_of_others_steer_nothing() -> None:
    """Neither the terminal nor our own markup."""
    hostile = replace(FLOODED, name=EVIL, reason=EVIL, advice=EVIL, kind=EVIL, mode=EVIL)
    daemon = FakeDaemon(services=(hostile,))
    daemon.incidents = (LiveIncident(EVIL, EVIL, EVIL, 1.0, 0.0),)
    daemon.machine = replace(daemon.machine, reasons={f"drop_{EVIL}": 9.0}, kind=EVIL)
    view = View(snapshot_of(daemon, error=EVIL), message=EVIL)
    for line in screen(view, 80, 23):
        assert line.plain.replace("…", "").isprintable()
        assert cell_len(line.plain) <= 80
    assert "[bold]" in text(view)
