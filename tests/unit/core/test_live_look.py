"""How a second becomes what a screen shows."""

from __future__ import annotations

from dataclasses import replace

from floodwall.core.live import SERVICES_MAX
from floodwall.core.live_look import Look, describe, tally
from floodwall.core.model import SECOND_NS, Reading
from floodwall.core.observation import Observation, SensorFailure
from floodwall.core.signs import Canary, LinkLoad, Queue, Signs, StackCounters
from tests.support.playbook import START_NS, Playbook, endpoint, listener, quiet

WEB, SSH = listener(process="nginx"), listener(port=22, process="sshd")


def book(*seen: Observation) -> Playbook:
    """Play observations."""
    made = Playbook()
    for each in seen:
        made >> each
    return made


def test_rates_are_growth_by_time() -> None:
    """Of each service alone."""
    before = quiet(targets=(WEB,), readings=(Reading(0, syns=100),))
    seen = quiet(2, targets=(WEB,), readings=(Reading(0, syns=300, challenged=50),))

    (web,) = describe(Look(book(before, seen).state, seen, before)).services

    assert (web.rates["syns"], web.rates["challenged"]) == (100, 25)
    assert (web.totals["syns"], web.name, web.port) == (300, "*:80 nginx", 80)


def test_without_a_second_before_there_are_no_rates() -> None:
    """An empty answer, and not zero: nothing is known yet."""
    seen = quiet(targets=(WEB,), readings=(Reading(0, syns=300),))

    live = describe(Look(book(seen).state, seen))

    assert live.services[0].rates == {}
    assert (live.machine.received_bit_s, live.machine.stack) == (None, {})


def test_what_nobody_counts_is_left_out() -> None:
    """On a rung without a data plane zeros would be lies."""
    before = quiet(targets=(WEB,), readings=(Reading(0),), data_plane=False)
    seen = quiet(1, targets=(WEB,), readings=(Reading(0, pending=7),), data_plane=False)

    live = describe(Look(book(before, seen).state, seen, before))

    assert (live.services[0].rates, live.services[0].totals) == ({}, {})
    assert (live.services[0].pending, live.counted) == (7, False)


def test_cleared_counters_are_no_growth() -> None:
    """A service that went away takes its counters with it."""
    before = quiet(targets=(WEB,), readings=(Reading(0, syns=300),))
    seen = quiet(1, targets=(WEB,), readings=(Reading(0, syns=5),))

    assert describe(Look(book(before, seen).state, seen, before)).services[0].rates["syns"] == 0


def test_the_most_troubled_service_comes_first() -> None:
    """A listener that shuts users out outweighs one that is busy."""
    before = quiet(targets=(WEB, SSH), readings=(Reading(0), Reading(1)))
    ports = {each.bound.port: each.index for each in book(before).state.table.services}
    web, ssh = ports[80], ports[22]
    seen = quiet(1, targets=(WEB, SSH), readings=(Reading(web, syns=10_000), Reading(ssh)))
    state = book(before, seen).state
    shut = (Canary(endpoint("192.0.2.10", 22), connected=False, why="timed out", index=ssh),)

    calm = describe(Look(state, seen, before))
    worried = describe(Look(state, seen, before, {ssh: shut}))

    assert [each.port for each in calm.services] == [80, 22]
    assert [each.port for each in worried.services] == [22, 80]
    assert worried.services[0].canary is not None


def test_more_services_than_can_be_told_are_added_up() -> None:
    """None is lost, and the answer stays small."""
    count = SERVICES_MAX + 6
    targets = tuple(listener(port=1000 + n) for n in range(count))
    before = quiet(targets=targets, readings=tuple(Reading(n) for n in range(count)))
    readings = tuple(Reading(n, syns=10) for n in range(count))
    seen = quiet(1, targets=targets, readings=readings)

    live = describe(Look(book(before, seen).state, seen, before))

    assert (len(live.services), live.more_services) == (SERVICES_MAX, 6)
    assert (live.rest["syns"], live.rest_totals["syns"]) == (60, 60)


def test_canaries_are_added_up() -> None:
    """The last one, how many failed, and how slow the slowest was."""
    at = endpoint("192.0.2.10", 80)
    tries = (
        Canary(at, connected=True, took_ms=9.0),
        Canary(at, connected=False, why="no answer within 1 s"),
        Canary(at, connected=True, took_ms=1.0),
    )

    told = tally(tries)

    assert told is not None
    assert (told.tried, told.failed, told.connected, told.took_ms) == (3, 1, True, 1.0)
    assert (told.median_ms, told.worst_ms) == (9.0, 9.0)
    assert tally(()) is None


def test_the_machine_is_told_by_growth_of_its_counters() -> None:
    """Links in bit/s, the stack in events a second, and the reasons that move."""
    link = LinkLoad("eth0", 2, 1000, 500, 10, 0, 10**9)
    queue = Queue(WEB.bound, 0, 5, 2, 128)
    signs = Signs(queues=(queue,), stack=StackCounters(), links=(link,))
    before = quiet(targets=(WEB,), signs=signs, reasons={"drop_bad_ack": 1, "pass_calm_syn": 5})
    later = replace(
        signs,
        stack=StackCounters(listen_overflows=4),
        links=(replace(link, received_bytes=3000, received_packets=30),),
    )
    reasons = {"drop_bad_ack": 9, "pass_calm_syn": 5}
    seen = quiet(2, targets=(WEB,), signs=later, reasons=reasons)

    live = describe(Look(book(before, seen).state, seen, before))

    machine = live.machine
    assert (machine.received_bit_s, machine.sent_bit_s, machine.link_bit_s) == (8000, 0, 10**9)
    assert (machine.received_packet_s, machine.stack["listen_overflows"]) == (10, 2)
    assert (machine.reasons, machine.reason_totals["pass_calm_syn"]) == ({"drop_bad_ack": 4}, 5)
    assert (live.services[0].half_open, live.services[0].waiting) == (5, 2)


def test_an_armed_service_and_its_incident_are_told() -> None:
    """With since when, and why not everything can be seen."""
    until_ns = START_NS + 60 * SECOND_NS
    armed = (Reading(0, armed_at_ns=START_NS, armed_until_ns=until_ns, pending=90),)
    failures = (SensorFailure("conntrack", "no such file"),)
    seen = quiet(3, targets=(WEB,), readings=armed, failures=failures)
    state = book(quiet(targets=(WEB,)), quiet(1, targets=(WEB,), readings=armed), seen).state

    live = describe(Look(state, seen))

    assert live.services[0].armed_for_s is not None
    assert live.services[0].rung == "challenge"
    assert live.blind == {"conntrack": "no such file"}
