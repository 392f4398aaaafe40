"""State and counters of services, read from the maps of the data plane."""

from collections import Counter
from collections.abc import Iterable, Mapping

from floodwall.core.classify.scene import Places
from floodwall.core.model import Endpoint, Reading, Service
from floodwall.kernel.tables import Tables


def read_services(tables: Tables, indexes: Iterable[int]) -> tuple[Reading, ...]:
    """Read the services with these indexes."""
    return tuple(read_service(tables, index) for index in indexes)


def read_service(tables: Tables, index: int) -> Reading:
    """Read one service; its counters are summed over the CPUs."""
    state, tally = tables.state(index), tables.tally(index)
    return Reading(
        index=index,
        syns=tally.syns,
        passed=tally.passed,
        challenged=tally.challenged,
        proven=tally.proven,
        bad_acks=tally.bad_acks,
        completed=tally.completed,
        pending=state.pending,
        armed_at_ns=state.armed_at_ns,
        armed_until_ns=state.armed_until_ns,
        first_challenge_ns=state.first_challenge_ns,
        arms=state.arms,
        reset_seq=state.reset_seq,
    )


def uncounted(services: Iterable[Service], requests: Mapping[Endpoint, int]) -> tuple[Reading, ...]:
    """Return what is known of services without a data plane: how many handshakes are pending."""
    known = tuple(services)
    places, pending = Places(known), Counter[int | None]()
    for endpoint, count in requests.items():
        pending[places.find(endpoint)] += count
    return tuple(Reading(one.index, pending=pending[one.index]) for one in known)


def read_reasons(tables: Tables) -> dict[str, int]:
    """Return the packets counted so far by the lower-case name of their reason."""
    return {reason.name.lower(): count for reason, count in tables.reasons().items()}
