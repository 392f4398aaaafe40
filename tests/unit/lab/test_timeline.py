"""When what happens in a run."""

from floodwall.lab.scenario import Scenario
from floodwall.lab.timeline import Timeline

SECOND = 1_000_000_000


def test_the_phases_follow_each_other() -> None:
    """Settle, quiet, attack, aftermath."""
    plan = Timeline.plan(Scenario("x", "", seconds=7.0), None, full=False)

    assert 0 < plan.quiet_ns < plan.attack_ns == plan.judged_ns < plan.calm_ns < plan.stop_ns
    assert plan.seconds == 7.0


def test_a_given_length_goes_before_all_others() -> None:
    """The operator's word first, then --full, then the scenario's own."""
    scenario = Scenario("x", "", seconds=7.0, full_seconds=180.0)

    assert Timeline.plan(scenario, 3.0, full=True).seconds == 3.0
    assert Timeline.plan(scenario, None, full=True).seconds == 180.0


def test_only_the_last_seconds_are_judged_where_a_queue_fills_slowly() -> None:
    """But never anything before the attack."""
    scenario = Scenario("x", "", seconds=75.0, judged_s=12.0)
    plan = Timeline.plan(scenario, None, full=False)
    short = Timeline.plan(scenario, 5.0, full=False)

    assert plan.calm_ns - plan.judged_ns == 12 * SECOND
    assert short.judged_ns == short.attack_ns


def test_it_can_be_put_on_the_clock() -> None:
    """All marks move together."""
    plan = Timeline.plan(Scenario("x", ""), None, full=False)

    assert plan.at(SECOND).attack_ns == plan.attack_ns + SECOND
    assert plan.at(SECOND).seconds == plan.seconds
