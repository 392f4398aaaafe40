"""Flash crowds."""

from floodwall.core.verdict import Kind
from tests.support.traffic import Onlooker, Site


def test_ten_times_the_clients_are_a_crowd() -> None:
    """After two seconds, as long as they come, and ten seconds more."""
    looker = Onlooker()
    looker.seconds(70, clients=100)
    crowd = looker.seconds(30, clients=1000, again=30)
    after = looker.seconds(15, clients=100)

    assert {Kind.FLASH_CROWD} == {verdict.kind for verdict in crowd[1:]}
    assert "more capacity helps" in crowd[-1].advice
    assert Kind.CALM is after[-1].kind


def test_twice_as_many_are_a_busy_hour() -> None:
    """A day swings by more than that."""
    looker = Onlooker()
    looker.seconds(70, clients=100)

    assert {Kind.CALM} == {verdict.kind for verdict in looker.seconds(60, clients=220)}


def test_a_handful_is_nobodys_crowd() -> None:
    """Ten times almost nothing is still little."""
    looker = Onlooker(Site(port=22))
    looker.seconds(70, clients=1)

    assert {Kind.CALM} == {verdict.kind for verdict in looker.seconds(20, clients=15)}


def test_a_crowd_that_stays_is_the_new_usual() -> None:
    """After half an hour nobody speaks of it."""
    looker = Onlooker()
    looker.seconds(120, clients=100)
    looker.seconds(2400, clients=500)

    assert Kind.CALM is looker.second(clients=500).kind


def test_nothing_is_a_crowd_before_something_is_usual() -> None:
    """A busy server just started is not its own crowd."""
    assert {Kind.CALM} == {verdict.kind for verdict in Onlooker().seconds(60, clients=3000)}
