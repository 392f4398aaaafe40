"""The sensors of signs, together."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import TypeVar

import pytest

from floodwall.core.errors import KernelError
from floodwall.core.model import SECOND_NS, Endpoint, StackLimits
from floodwall.core.services import ServiceTable
from floodwall.core.settings_sense import CanaryPolicy
from floodwall.core.signs import Signs
from floodwall.sense import signs
from floodwall.sense.canary import CanarySensor
from floodwall.sense.connections import ConnectionSensor
from floodwall.sense.cpu import CpuSensor
from floodwall.sense.kernel_log import KernelLog
from floodwall.sense.links import LinkSensor
from floodwall.sense.signs import Around, Listened, SignSensors

T = TypeVar("T")
HERE = ip_address("127.0.0.1")


class Attempts:
    """Calls sensors and keeps the names of those that failed."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def __call__(self, sensor: str, read: Callable[[], T], /) -> T | None:
        """Call a sensor."""
        try:
            return read()
        except KernelError:
            self.failed.append(sensor)
            return None


@pytest.fixture
def around() -> Iterator[Around]:
    """A machine with one listener, on loopback."""
    with socket.create_server((str(HERE), 0)) as server:
        where = Endpoint(HERE, server.getsockname()[1])
        yield Around(
            now_ns=5 * SECOND_NS,
            interfaces=frozenset({1}),
            addresses=frozenset({HERE}),
            table=ServiceTable(keys={where: 3}),
            canary=CanaryPolicy(),
            idle_s=10,
            bans={"xdp": 2},
        )


LISTENED = Listened((), {}, StackLimits())


@pytest.fixture(autouse=True)
def no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not everybody may read the kernel's log."""
    monkeypatch.setattr(KernelLog, "read", lambda _self: ())


def look(sensors: SignSensors, around: Around, attempts: Attempts) -> Signs:
    """Look once."""
    sensors.begin(around, attempts)
    return sensors.read(around, LISTENED, attempts)


def test_all_signs_are_seen(around: Around) -> None:
    """By real sensors; what the CPUs did shows from the second look on."""
    sensors, attempts = SignSensors(), Attempts()
    look(sensors, around, attempts)
    seen = look(sensors, around, attempts)
    sensors.close()

    assert attempts.failed == []
    assert seen.queues == ()
    assert seen.stack is not None
    assert seen.links is not None
    assert [link.name for link in seen.links] == ["lo"]
    assert seen.hints == ()
    assert seen.canaries is not None
    assert [(canary.index, canary.connected) for canary in seen.canaries] == [(3, True)]
    assert seen.connections is not None
    assert [(each.index, each.established) for each in seen.connections] == [(3, 0)]
    assert seen.bans == {"xdp": 2}


def fail(*_: object) -> None:
    """Fail like a sensor."""
    raise KernelError("read: Input/output error")


@pytest.mark.parametrize(
    ("owner", "name", "field", "sensor"),
    [
        (signs, "read_queues", "queues", "queues"),
        (signs, "read_stack_counters", "stack", "counters of the stack"),
        (LinkSensor, "read", "links", "links"),
        (CpuSensor, "read", "cpu", "CPUs"),
        (signs, "read_conntrack", "conntrack", "connection tracking"),
        (KernelLog, "read", "hints", "kernel log"),
        (CanarySensor, "begin", "canaries", "canary"),
        (CanarySensor, "collect", "canaries", "canary"),
        (ConnectionSensor, "read", "connections", "connections"),
    ],
)
def test_each_of_them_fails_alone(
    monkeypatch: pytest.MonkeyPatch,
    around: Around,
    *,
    owner: object,
    name: str,
    field: str,
    sensor: str,
) -> None:
    """It is None, it is named, and the others have seen what they see."""
    monkeypatch.setattr(owner, name, fail)
    sensors, attempts = SignSensors(), Attempts()
    seen = look(sensors, around, attempts)
    sensors.close()

    assert getattr(seen, field) is None
    assert attempts.failed == [sensor]
    others = {"queues", "stack", "links", "hints", "canaries", "connections"} - {field}
    assert [other for other in sorted(others) if getattr(seen, other) is None] == []


def test_without_own_addresses_nobody_is_tried_or_counted(around: Around) -> None:
    """We could not tell ourselves from strangers; the sensor of addresses has told why."""
    sensors, attempts = SignSensors(), Attempts()
    seen = look(sensors, replace(around, addresses=None), attempts)

    assert (seen.canaries, seen.connections) == (None, None)
    assert attempts.failed == []


def test_a_canary_that_is_off_has_seen_nothing(around: Around) -> None:
    """None: an operator who wants none must not be told that all is well."""
    sensors, attempts = SignSensors(), Attempts()
    seen = look(sensors, replace(around, canary=CanaryPolicy(enabled=False)), attempts)

    assert seen.canaries is None
    assert attempts.failed == []


@pytest.mark.parametrize(
    "listened", [replace(LISTENED, listening=None), replace(LISTENED, requests=None)]
)
def test_queues_need_both_of_their_sensors(around: Around, listened: Listened) -> None:
    """Half a queue would look half as full."""
    attempts = Attempts()
    seen = SignSensors().read(around, listened, attempts)

    assert seen.queues is None
    assert "queues" not in attempts.failed
