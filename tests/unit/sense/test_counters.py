"""Counters of the data plane."""

from floodwall.core.model import Mechanism, Reading, Service
from floodwall.core.settings import ServiceMode
from floodwall.kernel import _abi as abi
from floodwall.sense.counters import read_reasons, read_service, read_services, uncounted
from tests.support.memory_tables import memory_tables
from tests.support.playbook import endpoint, listener


def test_state_and_tally_make_a_reading() -> None:
    """Counters are summed over the CPUs."""
    tables = memory_tables()
    state = abi.State(pending=7, armed_until_ns=9, armed_at_ns=8, arms=2, reset_seq=1)
    tables.maps["states"].update((3).to_bytes(4, "little"), bytes(state))
    part = abi.Tally(syns=10, passed=4, challenged=6, proven=2, bad_acks=1, completed=3)
    tables.maps["tallies"].update((3).to_bytes(4, "little"), bytes(part) * 2)
    reading = read_service(tables, 3)

    assert reading == Reading(
        index=3,
        syns=20,
        passed=8,
        challenged=12,
        proven=4,
        bad_acks=2,
        completed=6,
        pending=7,
        armed_at_ns=8,
        armed_until_ns=9,
        arms=2,
        reset_seq=1,
    )
    assert read_services(tables, [3]) == (reading,)


def test_reasons_have_their_names() -> None:
    """In lower case, as `status` prints them."""
    tables = memory_tables()
    key = int(abi.Reason.DROP_BANNED).to_bytes(4, "little")
    tables.maps["reasons"].update(key, (5).to_bytes(8, "little") * 2)

    assert read_reasons(tables)["drop_banned"] == 10


def test_without_a_data_plane_only_the_queue_is_counted() -> None:
    """Half-open connections of each service; those of no service are nobody's."""
    web, mail = (
        Service(
            index=index,
            bound=endpoint(address, port),
            device=0,
            targets=(listener(address, port),),
            mode=ServiceMode.PROTECT,
            mechanism=Mechanism.STACK,
            capacity=128,
        )
        for index, address, port in ((4, "0.0.0.0", 80), (1, "192.0.2.1", 25))
    )
    waiting = {endpoint("192.0.2.1", port): count for port, count in ((80, 7), (25, 2), (9, 5))}

    assert uncounted([web, mail], waiting) == (Reading(4, pending=7), Reading(1, pending=2))
