"""What a scenario declares."""

from floodwall.lab.scenario import Bar, Scenario


def test_the_usual_bar_is_nearly_everybody() -> None:
    """999 of 1000."""
    assert Bar().success == 0.999


def test_the_usual_scenario_has_no_attack() -> None:
    """But real clients."""
    plain = Scenario("x", "")

    assert (plain.floods, plain.visitors) == ((), None)
    assert plain.clients_per_s > 0
