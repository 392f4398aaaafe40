"""The run itself; the whole of it is played in tests/lab."""

import time

from floodwall.lab.connections import ConnectReport
from floodwall.lab.flood import Engine, FloodReport
from floodwall.lab.load import ClientReport
from floodwall.lab.meter import LineReading
from floodwall.lab.pauses import Pauses
from floodwall.lab.play import Played, _between, _calm_after_s
from floodwall.lab.result import Row
from floodwall.lab.sink import Answers
from floodwall.lab.timeline import Timeline
from floodwall.lab.watch import Arming
from tests.support.rehearsals import attempt

MS = 1_000_000
STILL = Pauses(2, 7.5, 6.0)
SEEN = LineReading(10, 0, 5000, Answers(10, 0, 0))


def test_each_phase_has_its_own_clients() -> None:
    """Quiet before the attack, and of the attack what is judged."""
    clients = [ClientReport(True, tuple(attempt(at) for at in (5, 15, 25, 35, 45)), ())]
    timeline = Timeline(10 * MS, 20 * MS, 30 * MS, 40 * MS, 50 * MS)
    flood = FloodReport(Engine.EXACT, 10, 0, 20 * MS, 39 * MS)
    found = Played(timeline, clients, [flood], [], SEEN, STILL, None).result(Row.ON, ("x",))

    assert (found.quiet.attempted, found.service.attempted) == (1, 1)
    assert found.pauses == STILL
    assert found.attack is not None
    assert (found.attack.offered, found.leaks, found.defence) == (10, ("x",), None)


def test_without_floods_there_is_no_attack() -> None:
    """A crowd is none."""
    found = Played(Timeline(0, 1, 1, 2, 3), [], [], [], SEEN, STILL, None).result(Row.OFF, ())

    assert found.attack is None


def test_connections_are_an_attack_too() -> None:
    """From real addresses, without one forged packet."""
    connects = ConnectReport(tried=40, opened=30, held=20, first_ns=1, last_ns=2)
    played = Played(Timeline(0, 1, 1, 2, 3), [], [], [connects], SEEN, STILL, None)
    found = played.result(Row.OFF, ()).attack

    assert found is not None
    assert (found.engine, found.offered, found.answered) == ("connect", 40, 40)


def test_calm_is_counted_from_the_last_packet() -> None:
    """What never armed was calm all the time; what is still armed is not."""
    now = time.monotonic_ns()

    assert _calm_after_s(Arming(), 5) == 0.0
    assert _calm_after_s(Arming(1, 2, 3_000_000_000), 1_000_000_000) == 2.0
    assert _calm_after_s(Arming(1, 2, now + 10**12), 1) is None


def test_between_two_moments_of_which_one_never_came_is_nothing() -> None:
    """And never less than nothing: one clock is coarser than the other."""
    assert _between(None, 5, 1.0) is None
    assert _between(5, None, 1.0) is None
    assert _between(6, 5, 1.0) == 0.0
