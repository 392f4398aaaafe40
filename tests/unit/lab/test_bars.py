"""The verdict on a scenario."""

from typing import Any

import pytest

from floodwall.core.verdict import Kind
from floodwall.lab.bars import judge
from floodwall.lab.result import Behind, Defence, Established, Row, RowResult
from floodwall.lab.scenario import Bar
from tests.support import rehearsals

HIGHEST = Bar(
    p99_times_quiet=3.0,
    options_kept=True,
    cpu_share_of_cookies=0.25,
    arming_ms=1.0,
    calm_s=10.0,
    back_s=1.0,
    unchallenged=True,
    verdicts=(Kind.SPOOFED_FLOOD,),
    names="never answered",
    answers_per_syn=0.2,
)
COOKIES = rehearsals.row(Row.ON, attack=rehearsals.attack(cpu_s_per_million_answered=2.0))


def said(**changes: Any) -> Defence:
    """Return a defence whose verdicts differ."""
    return rehearsals.defence(verdicts=rehearsals.verdicts(**changes))


def missed(bar: Bar, *rows: RowResult) -> list[str]:
    """Return the names of the checks that are not met."""
    return [check.name for check in judge(bar, rows) if not check.met]


def test_a_perfect_row_meets_the_highest_bar() -> None:
    """Nothing is missed."""
    assert missed(HIGHEST, COOKIES, rehearsals.row()) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"service": rehearsals.service(succeeded=998)}, "served"),
        ({"service": rehearsals.service(connect_p99_ms=1.6)}, "p99 to connect"),
        ({"service": rehearsals.service(connect_p99_ms=None)}, "p99 to connect"),
        ({"service": rehearsals.service(sack_kept=0.99)}, "window scale, SACK kept"),
        ({"attack": rehearsals.attack(cpu_s_per_million_answered=0.51)},
         "CPU an answer, of kernel cookies'"),
        ({"established": Established(12, 1, 0, 0.0, 0)}, "open connections unharmed"),
        ({"established": Established(12, 0, 1, 1100.0, 0)}, "open connections unharmed"),
        ({"defence": rehearsals.defence(unproven_bans=1)}, "bans of unproven sources"),
        ({"defence": rehearsals.defence(innocent_bans=1)}, "bans of clients, server, gateway"),
        ({"attack": rehearsals.attack(answered=10_000_001)}, "answers a forged SYN"),
        ({"defence": said(shown=Kind.SYN_SCAN)}, "verdict"),
        ({"defence": said(shown=None)}, "verdict"),
        ({"defence": said(after_s=2.1)}, "verdict"),
        ({"defence": said(after_s=None)}, "verdict"),
        ({"defence": said(false_s=1)}, "attacks told while nobody attacked"),
        ({"defence": said(words="")}, "evidence names"),
        ({"defence": rehearsals.defence(arming_ms=1.1)}, "armed to first challenge"),
        ({"defence": rehearsals.defence(arming_ms=None)}, "armed to first challenge"),
        ({"defence": rehearsals.defence(calm_after_s=None)}, "flood's end to calm"),
        ({"defence": rehearsals.defence(back_after_s=1.5)}, "start to service back"),
        ({"defence": rehearsals.defence(reasons={"CHALLENGE_FLOOD": 1})}, "challenges"),
        ({"leaks": ("BPF prog 7",)}, "nothing left behind"),
    ],
)  # fmt: skip
def test_each_shortcoming_is_named(changes: dict[str, Any], name: str) -> None:
    """One check misses, all others are met."""
    assert missed(HIGHEST, COOKIES, rehearsals.row(**changes)) == [name]


def test_the_kernel_alone_is_not_judged() -> None:
    """Its rows are there to compare; a leak of theirs is still a leak of the lab."""
    lost = rehearsals.row(Row.OFF, service=rehearsals.service(succeeded=0))
    leaking = rehearsals.row(Row.OFF, leaks=("mount on x",))

    assert missed(HIGHEST, lost) == []
    assert missed(HIGHEST, leaking) == ["nothing left behind"]


def test_nothing_is_compared_with_cookies_that_did_not_run() -> None:
    """A share needs both rows of the same run."""
    dear = rehearsals.row(attack=rehearsals.attack(cpu_s_per_million_answered=9.0))

    assert missed(HIGHEST, dear) == []


def test_a_very_quick_quiet_does_not_make_the_bar_unfair() -> None:
    """Below a millisecond two shared CPUs cannot tell."""
    quick = rehearsals.row(quiet=rehearsals.service(connect_p99_ms=0.1),
                           service=rehearsals.service(connect_p99_ms=0.9))  # fmt: skip

    assert missed(HIGHEST, COOKIES, quick) == []


def test_where_nobody_attacks_calm_is_right_at_any_time() -> None:
    """And so is a crowd, if the scenario says so; time does not matter."""
    bar = Bar(verdicts=(Kind.CALM, Kind.FLASH_CROWD))

    assert missed(bar, rehearsals.row(defence=said(shown=Kind.CALM, after_s=None))) == []
    assert missed(bar, rehearsals.row(defence=said(shown=Kind.FLASH_CROWD, after_s=9.0))) == []
    assert missed(Bar(), rehearsals.row(defence=said(shown=Kind.FLASH_CROWD))) == ["verdict"]


def test_a_slow_application_must_be_named_in_time() -> None:
    """It is no attack, but somebody waits for the answer."""
    bar = Bar(verdicts=(Kind.SLOW_APPLICATION,))

    assert missed(bar, rehearsals.row(defence=said(shown=Kind.SLOW_APPLICATION))) == []
    late = said(shown=Kind.SLOW_APPLICATION, after_s=5.0)
    assert missed(bar, rehearsals.row(defence=late)) == ["verdict"]


GATEWAY = Bar(half_open_behind=16, cpu_share_of_synproxy=0.25)
PROXY = rehearsals.row(Row.SYNPROXY, attack=rehearsals.attack(cpu_s_per_million=2.0))


@pytest.mark.parametrize(
    ("seen", "cpu", "names"),
    [
        (Behind(16, 32), 0.5, []),
        (Behind(17, 32), 0.5, ["half-open on a server behind"]),
        (Behind(16, 33), 0.5, ["forged SYNs that came through"]),
        (Behind(0, 0), 0.51, ["CPU a SYN, of synproxy's"]),
    ],
)
def test_a_gateway_is_judged_by_what_comes_through(
    seen: Behind, cpu: float, names: list[str]
) -> None:
    """Behind it, and by the CPU that this takes."""
    attack = rehearsals.attack(cpu_s_per_million=cpu)
    defence = rehearsals.defence(verdicts=rehearsals.verdicts(shown=Kind.CALM))
    ours = rehearsals.row(behind=seen, attack=attack, defence=defence)
    assert missed(GATEWAY, PROXY, ours) == names
