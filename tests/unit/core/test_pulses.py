"""Floods that come and go."""

from floodwall.core.commands import SetLimits
from floodwall.core.decision import Act
from floodwall.core.model import SECOND_NS, Reading
from floodwall.core.settings import ServiceMode, Services, Settings
from tests.support.drill import Drill, second
from tests.support.playbook import START_NS, half_open

FULL = tuple(half_open(f"203.0.113.{n}", retransmits=0) for n in range(64))


def reading(now_s: float, *, armed: bool) -> tuple[Reading, ...]:
    """Read a service that the kernel keeps armed for five seconds from `now_s`, or not."""
    until_ns = START_NS + int((now_s + 5) * SECOND_NS) if armed else 0
    return (Reading(0, armed_until_ns=until_ns),)


def play(drill: Drill, pulses: set[int], last: int) -> list[tuple[int, Act]]:
    """Let the kernel arm in these seconds, and calm five seconds later; return what was told."""
    told = []
    for now_s in range(last + 1):
        recent = [at for at in pulses if at <= now_s < at + 5]
        until_ns = START_NS + (max(recent) + 5) * SECOND_NS if recent else 0
        drill >> second(now_s, readings=(Reading(0, armed_until_ns=until_ns),))
        told += [(now_s, d.act) for d in drill.decisions if d.rule == "arming"]
    return told


def test_one_flood_is_calm_again_soon() -> None:
    """The kernel's own hold is enough."""
    assert play(Drill(), {0}, 100) == [(0, Act.ARM), (5, Act.CALM)]


def test_a_pulsing_flood_flaps_once() -> None:
    """One second in ten, for two minutes: armed, calm, armed, and then a minute after the last."""
    told = play(Drill(), set(range(0, 120, 10)), 300)

    assert told[:3] == [(0, Act.ARM), (5, Act.CALM), (10, Act.ARM)]
    ((calm_s, last),) = told[3:]
    assert last is Act.CALM
    assert 110 + 60 <= calm_s <= 115 + 75


def test_the_hold_is_told_and_written() -> None:
    """Once, with its end; the data plane has it from the same second on."""
    drill = Drill()
    play(drill, {0, 10}, 10)

    (decision,) = [d for d in drill.decisions if d.rule == "arming.pulse"]
    (written,) = drill.only(SetLimits)
    assert decision.act is Act.ARM
    assert decision.until_ns == written.limits.forced_until_ns == START_NS + 85 * SECOND_NS


def test_rare_floods_are_not_pulses() -> None:
    """A minute and more apart."""
    told = play(Drill(), {0, 61, 122}, 200)

    assert [at for at, act in told if act is Act.CALM] == [5, 66, 127]


def test_a_full_queue_counts_as_the_kernel_does() -> None:
    """Where the kernel saw nothing pass, the half-open entries arm; they pulse as well."""
    drill = Drill()
    acts = []
    for now_s in range(60):
        drill >> second(now_s, half_open=FULL if now_s % 12 == 0 else (), readings=(Reading(0),))
        acts += [d.act for d in drill.decisions if d.rule == "arming"]

    assert acts == [Act.ARM, Act.CALM, Act.ARM]


def test_a_failed_write_is_made_again() -> None:
    """The hold outlives the memory of what was written."""
    drill = Drill()
    play(drill, {0, 10}, 11)
    drill.state = drill.state.forgetful()
    drill >> second(12, readings=(Reading(0),))

    assert drill.only(SetLimits)[-1].limits.forced_until_ns == START_NS + 85 * SECOND_NS


def test_observed_services_are_never_held() -> None:
    """They are never armed."""
    drill = Drill(Settings(services=Services(mode=ServiceMode.OBSERVE)))

    assert play(drill, set(range(0, 60, 10)), 60) == []
    assert drill.state.response.pulses == {}
