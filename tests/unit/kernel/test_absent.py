"""A data plane that is not there."""

from pathlib import Path

from floodwall.act.dataplane import DataPlaneWriter
from floodwall.kernel.absent import AbsentPlane
from floodwall.sense.counters import read_reasons, read_services
from tests.support.playbook import HOME, endpoint
from tests.unit.core.test_upkeep import MACHINE, WEB


def test_everything_can_be_written_and_is_kept(tmp_path: Path) -> None:
    """The daemon's other parts need not know."""
    plane = AbsentPlane()
    writer = DataPlaneWriter(plane, tmp_path)
    writer.set_machine_limits(MACHINE)
    writer.set_limits(1023, WEB)
    writer.clear_service(1023)
    writer.set_services({endpoint("192.0.2.1", 80): 1023})
    writer.set_addresses(frozenset({HOME}))
    writer.set_never_ban({})
    writer.rotate_key(7)
    writer.renew_lease(9)

    assert plane.lease() == 9
    assert plane.limits(1023).high == WEB.high
    assert writer.endpoints() == {endpoint("192.0.2.1", 80): 1023}
    assert writer.heal() == 0
    assert plane.never_ban.keys() == []
    plane.detach_all()


def test_its_counters_are_zero() -> None:
    """There is nobody who could count."""
    plane = AbsentPlane()
    (reading,) = read_services(plane, [5])

    assert (reading.index, reading.syns, reading.armed_until_ns) == (5, 0, 0)
    assert set(read_reasons(plane).values()) <= {0}
