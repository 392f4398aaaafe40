"""Sysctls during a flood, and back."""

from typing import Any

import pytest

from floodwall.core.commands import EnableSyncookies, RestoreSysctl, SetSysctl
from floodwall.core.decision import Act
from floodwall.core.incidents import BLIND_NS
from floodwall.core.model import SECOND_NS, StackLimits
from floodwall.core.settings import ServiceMode, Services, Settings
from floodwall.core.settings_response import Tuning
from floodwall.core.tuning import FLOODS
from floodwall.core.verdict import Kind
from tests.support.drill import Drill, second
from tests.support.playbook import endpoint, half_open

OLD = StackLimits(somaxconn=128, tcp_max_syn_backlog=256)
RETRIES = "net.ipv4.tcp_synack_retries"
QUEUE = tuple(half_open(f"203.0.113.{n}", retransmits=0) for n in range(16))


def flooded(now_s: float, **more: Any) -> Any:
    """Observe sixteen half-open entries, as many as a queue of 128 has in calm times."""
    return second(
        now_s, **({"half_open": QUEUE, "requests": {endpoint("192.0.2.10", 80): 16}} | more)
    )


def names(drill: Drill, kind: type[SetSysctl | RestoreSysctl]) -> list[str]:
    """Name the sysctls of the last commands."""
    return [command.name for command in drill.only(kind)]


@pytest.mark.parametrize("kind", sorted(FLOODS))
def test_a_flood_lowers_the_retries(kind: Kind) -> None:
    """And raises what is too small, once, each with its decision."""
    drill = Drill().called(kind) >> flooded(0, stack=OLD)

    assert [(c.name, c.value) for c in drill.only(SetSysctl)] == [
        (RETRIES, "2"),
        ("net.ipv4.tcp_max_syn_backlog", "4096"),
        ("net.core.somaxconn", "4096"),
    ]
    first = drill.only(SetSysctl)[0].decision
    assert first.act is Act.TUNE
    assert first.text.startswith(f"{RETRIES} is 2 instead of 5 during a SYN flood from")
    assert first.text.endswith("at *:80: a half-open entry lives 7s instead of 1m 3s")
    assert [e.name for e in first.evidence] == ["half_open", "made_up"]
    tuned = StackLimits(tcp_synack_retries=2)
    assert names(drill >> flooded(1, stack=tuned), SetSysctl) == []


@pytest.mark.parametrize("kind", sorted(set(Kind) - FLOODS))
def test_nothing_else_does(kind: Kind) -> None:
    """A scan, a crowd or a slow application gains nothing from fewer retries."""
    assert names(Drill().called(kind) >> flooded(0, stack=OLD), SetSysctl) == []


def test_what_is_well_is_left_alone() -> None:
    """Today's defaults of the kernel: only the retries are changed."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> flooded(0)

    assert names(drill, SetSysctl) == [RETRIES]


def test_a_flood_that_is_answered_in_the_driver_changes_nothing() -> None:
    """While the queue stays empty no sysctl could help; clients elsewhere would pay for it."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> second(0, stack=OLD, half_open=QUEUE[:3])

    assert names(drill, SetSysctl) == []


def test_a_queue_that_cannot_be_seen_is_in_danger() -> None:
    """The verdict alone must do."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> second(0, half_open=None)

    assert names(drill, SetSysctl) == [RETRIES]


def test_unknown_values_are_not_overwritten() -> None:
    """What it was must be known before it is changed."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> flooded(0, stack=None)

    assert names(drill, SetSysctl) == []


@pytest.mark.parametrize(
    "settings",
    [
        Settings(tuning=Tuning(enabled=False)),
        Settings(tuning=Tuning(synack_retries=0, syn_backlog=0, somaxconn=0)),
        Settings(services=Services(mode=ServiceMode.OBSERVE)),
    ],
)
def test_the_operator_can_say_no(settings: Settings) -> None:
    """Altogether, for each sysctl, and by observing only."""
    drill = Drill(settings).called(Kind.SPOOFED_FLOOD) >> flooded(0, stack=OLD)

    assert names(drill, SetSysctl) == []


def test_all_is_put_back_a_minute_after_the_flood() -> None:
    """Each sysctl that was changed, and told so."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> flooded(0, stack=OLD)
    drill.called(Kind.CALM)
    assert names(drill.seconds(1, 59), RestoreSysctl) == []
    drill >> second(60)

    assert names(drill, RestoreSysctl) == [
        RETRIES,
        "net.ipv4.tcp_max_syn_backlog",
        "net.core.somaxconn",
    ]
    assert drill.told(Act.RESTORE)[0] == f"{RETRIES} goes back to 5: the flood is over"
    assert drill.state.response.tuned == {}
    assert names(drill.seconds(61, 200), RestoreSysctl) == []


def test_silence_puts_nothing_back_for_ten_minutes() -> None:
    """Without any verdict nobody knows whether it is over."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> flooded(0)
    drill.verdicts = {}
    blind_s = BLIND_NS // SECOND_NS

    assert names(drill.seconds(1, blind_s - 1), RestoreSysctl) == []
    assert names(drill >> second(blind_s), RestoreSysctl) == [RETRIES]


def test_turning_it_off_puts_all_back_at_once() -> None:
    """Also while the flood goes on."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> flooded(0)
    drill.reload(Settings(tuning=Tuning(enabled=False)))

    assert names(drill >> flooded(1), RestoreSysctl) == [RETRIES]


def test_a_failed_write_is_asked_for_again_but_not_for_ever() -> None:
    """In a container the sysctls may be read-only."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> flooded(0)
    asked = [names(drill, SetSysctl)]
    for now_s in range(1, 6):
        drill.state = drill.state.forgetful()
        asked.append(names(drill >> flooded(now_s), SetSysctl))

    assert asked == [[RETRIES], [RETRIES], [RETRIES], [], [], []]


def test_a_failed_restore_is_asked_for_again_but_not_for_ever() -> None:
    """What stays is in the ledger of the daemon, which puts it back when it ends."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> flooded(0)
    drill.called(Kind.CALM)
    asked = []
    for now_s in range(60, 66):
        asked.append(names(drill >> second(now_s), RestoreSysctl))
        drill.state = drill.state.forgetful()

    assert asked == [[RETRIES], [RETRIES], [RETRIES], [], [], []]
    assert names(drill.seconds(66, 70), SetSysctl) == []


def test_what_was_asked_for_too_often_is_asked_back_all_the_same() -> None:
    """Writes of others failed, time and again; this one may have been written all along."""
    drill = Drill().called(Kind.SPOOFED_FLOOD) >> flooded(0)
    for now_s in range(1, 6):
        drill.state = drill.state.forgetful()
        drill >> flooded(now_s)
    drill.state = drill.state.forgetful()
    drill.called(Kind.CALM) >> second(65)

    assert names(drill, RestoreSysctl) == [RETRIES]


def test_cookies_are_decided_once() -> None:
    """EnableSyncookies is performed until it holds; its decision is recorded at the first time."""
    off = StackLimits(tcp_syncookies=0)
    drill = Drill().seconds(0, 5, stack=off)

    assert len(drill.only(EnableSyncookies)) == 6
    assert drill.told(Act.TUNE) == [
        "net.ipv4.tcp_syncookies is 0: set to 1, or the stack would accept no cookie"
    ]
    assert drill.seconds(6, 9).seconds(10, 10, stack=off).told(Act.TUNE)
