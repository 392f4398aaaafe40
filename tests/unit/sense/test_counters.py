"""Counters of the data plane."""

from floodwall.core.model import Reading
from floodwall.kernel import _abi as abi
from floodwall.sense.counters import read_reasons, read_service, read_services
from tests.support.memory_tables import memory_tables


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
