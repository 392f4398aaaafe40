"""All sensors together."""

import errno
import gc
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from floodwall.core.errors import KernelError
from floodwall.core.model import SECOND_NS, Ages, Guard, Protected, Translation
from floodwall.kernel import rtnetlink
from floodwall.kernel.absent import AbsentPlane
from floodwall.kernel.rtnetlink import Interface
from floodwall.sense import observe
from floodwall.sense.half_open import Waiting
from floodwall.sense.kernel_log import KernelLog
from floodwall.sense.listeners import ListenerSensor
from floodwall.sense.observe import Observer, Wanted, collecting_later, smallest_mtu
from floodwall.sense.translated import Rewriting
from tests.support.fake_netlink import ANSWER, DONE, fake_netlink, message
from tests.support.memory_tables import memory_tables
from tests.support.playbook import listener

ALLOWED = ip_network("198.51.100.0/24")
WANTED = Wanted(
    interfaces=frozenset({2}),
    can_hand_over=True,
    services=(0,),
    ssh_ports=(),
    allowed=frozenset({ALLOWED}),
    bans={"nft": 3},
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every sensor see a small machine; return the calls of the dear one."""
    made: list[str] = []

    def rewriting() -> Rewriting:
        made.append("nft")
        return Rewriting((Translation(80, 80),), nat=True)

    monkeypatch.setattr(observe, "read_rewriting", rewriting)
    monkeypatch.setattr(observe, "read_half_open", lambda *_, **_more: Waiting((), {}))
    monkeypatch.setattr(observe, "own_addresses", lambda: frozenset({ip_address("192.0.2.10")}))
    monkeypatch.setattr(observe, "protected_networks", lambda *_: frozenset())
    monkeypatch.setattr(ListenerSensor, "read", lambda _self: (listener(),))
    monkeypatch.setattr(KernelLog, "read", lambda _self: ())
    monkeypatch.setattr(observe, "smallest_mtu", lambda _interfaces: 1400)
    return made


def fail(*_: Any) -> Any:
    """Fail like a sensor."""
    raise KernelError("netlink: No buffer space available")


@pytest.mark.usefixtures("calls")
def test_everything_is_seen() -> None:
    """What the operator allowed is protected like the rest."""
    seen = Observer(memory_tables()).observe(5, WANTED)

    assert seen.now_ns == 5
    assert seen.targets == (listener(),)
    assert seen.mtu == 1400
    assert seen.protected == frozenset({Protected(ALLOWED, Guard.OPERATOR)})
    assert seen.readings is not None
    assert seen.stack is not None
    assert seen.failures == ()


@pytest.mark.usefixtures("calls")
def test_signs_are_seen_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Queues need listeners and requests: without either there are none to tell of."""
    seen = Observer(memory_tables()).observe(5, WANTED)
    monkeypatch.setattr(ListenerSensor, "read", fail)
    deaf = Observer(memory_tables()).observe(5, WANTED)

    assert seen.signs.queues == ()
    assert seen.signs.stack is not None
    assert seen.signs.bans == {"nft": 3}
    assert deaf.signs.queues is None
    assert [failure.sensor for failure in deaf.failures] == ["listeners"]


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize(
    ("name", "field", "sensor"),
    [
        ("own_addresses", "addresses", "addresses"),
        ("read_rewriting", "translations", "translated ports"),
        ("read_rewriting", "nat", "translated ports"),
        ("read_half_open", "half_open", "half-open entries"),
        ("read_stack_limits", "stack", "sysctls"),
        ("read_services", "readings", "services"),
        ("protected_networks", "protected", "gateways, resolvers and SSH peers"),
    ],
)
def test_each_sensor_fails_alone(
    monkeypatch: pytest.MonkeyPatch, name: str, field: str, sensor: str
) -> None:
    """It is None, never empty, and named."""
    monkeypatch.setattr(observe, name, fail)
    seen = Observer(memory_tables()).observe(5, WANTED)

    assert getattr(seen, field) is None
    assert sensor in [failure.sensor for failure in seen.failures]
    assert seen.targets is not None


def test_nft_is_asked_every_ten_seconds(calls: list[str]) -> None:
    """And in between its last answer holds."""
    observer = Observer(memory_tables())
    answers = [observer.observe(n * SECOND_NS, WANTED).translations for n in range(12)]

    assert calls == ["nft", "nft"]
    assert set(answers) == {(Translation(80, 80),)}


def test_the_smallest_mtu_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the protected interfaces; Ethernet's if there are none."""
    links = [
        Interface(n, f"eth{n}", mtu, b"", "", up=True, loopback=False)
        for n, mtu in ((1, 68), (2, 1400), (3, 9000))
    ]
    monkeypatch.setattr(rtnetlink, "links", lambda: links)

    assert smallest_mtu(frozenset({2, 3})) == 1400
    assert smallest_mtu(frozenset()) == 1500


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("error", [KeyError("hook"), OSError(5, "I/O error"), ValueError("x")])
def test_a_sensor_may_fail_in_any_way(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """An answer that nobody foresaw costs one sensor, not the daemon."""

    def surprise() -> None:
        raise error

    monkeypatch.setattr(observe, "read_rewriting", surprise)
    seen = Observer(memory_tables()).observe(5, WANTED)

    assert seen.translations is None
    (failure,) = seen.failures
    assert failure.why == f"{type(error).__name__}: {error}"


@pytest.mark.usefixtures("calls")
def test_where_nothing_counts_there_are_no_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    """No counters at all, but the ages of what waits, from which they are derived."""
    place = listener().bound
    asked: list[bool] = []

    def waiting(*_: Any, ages: bool) -> Waiting:
        asked.append(ages)
        return Waiting((), {place: 3}, {place: Ages(2, 1)} if ages else {})

    monkeypatch.setattr(observe, "read_half_open", waiting)
    bare = Observer(AbsentPlane()).observe(5, WANTED)
    Observer(memory_tables()).observe(6, WANTED)

    assert (bare.data_plane, bare.reasons) == (False, {})
    assert bare.ages == {place: Ages(2, 1)}
    assert asked == [True, False]


@pytest.mark.usefixtures("calls")
def test_lost_answers_are_counted_by_sensor(monkeypatch: pytest.MonkeyPatch) -> None:
    """For as long as the daemon runs, although what was lost was asked for again, and seen."""
    lost = OSError(errno.ENOBUFS, "lost")
    whole = message(ANSWER, b"whole") + message(DONE)

    def answer() -> frozenset[Any]:
        netlink, _ = fake_netlink([lost, whole])
        assert netlink.dump(ANSWER, b"")
        return frozenset()

    observer = Observer(memory_tables())
    monkeypatch.setattr(observe, "own_addresses", answer)
    first, second = observer.observe(5, WANTED), observer.observe(6, WANTED)

    assert (first.losses, second.losses) == ({"addresses": 1}, {"addresses": 2})
    assert second.addresses == frozenset()
    assert second.failures == ()


@pytest.mark.parametrize("collecting", [True, False])
def test_garbage_is_collected_afterwards(*, collecting: bool) -> None:
    """Whatever it was before, also when the block fails."""
    before = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        with suppress(KernelError), collecting_later():
            inside = gc.isenabled()
            fail()
        after = gc.isenabled()
    finally:
        (gc.enable if before else gc.disable)()

    assert (inside, after) == (False, collecting)
