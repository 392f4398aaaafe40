"""Listeners and addresses in, service table out."""

from ipaddress import ip_address, ip_network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.model import Mechanism, StackLimits, Target, Translation
from floodwall.core.services import (
    KEYS_MAX,
    SERVICES_MAX,
    ServiceTable,
    Surroundings,
    build_table,
)
from floodwall.core.settings import ServiceMode, Services
from floodwall.core.settings_gateway import GatewayPolicy
from floodwall.kernel import _abi
from tests.support.playbook import endpoint, listener

V4, V4B, V6 = "192.0.2.10", "192.0.2.11", "2001:db8::10"


def surroundings(**more: Any) -> Surroundings:
    """Make a machine with two IPv4 addresses, one IPv6 address and loopback."""
    defaults: dict[str, Any] = {
        "addresses": frozenset(map(ip_address, (V4, V4B, V6, "127.0.0.1", "::1"))),
        "interfaces": frozenset({2}),
        "translations": (),
        "stack": StackLimits(),
        "policy": Services(),
        "can_hand_over": True,
    }
    return Surroundings(**(defaults | more))


def table(*targets: Target, **more: Any) -> ServiceTable:
    """Build a table without a past."""
    return build_table(targets, surroundings(**more), {})


def reasons(built: ServiceTable) -> dict[str, str]:
    """Return why each excluded listener is."""
    return {str(excluded.bound): excluded.reason for excluded in built.exclusions}


def test_sizes_are_the_data_planes() -> None:
    """The table is cut to what the maps take."""
    assert SERVICES_MAX == _abi.SERVICES_MAX
    assert KEYS_MAX == _abi.SERVICE_KEYS_MAX


def test_a_wildcard_is_every_address_of_its_family() -> None:
    """Loopback is none of ours."""
    assert table(listener("0.0.0.0")).keys == {endpoint(V4, 80): 0, endpoint(V4B, 80): 0}
    assert table(listener("::")).keys == {endpoint(V6, 80): 0}


def test_a_dual_stack_wildcard_is_every_address() -> None:
    """[::] without IPV6_V6ONLY takes IPv4 too."""
    keys = table(listener("::", dual_stack=True)).keys

    assert keys == {endpoint(address, 80): 0 for address in (V4, V4B, V6)}


def test_a_specific_listener_beats_a_wildcard() -> None:
    """And an IPv4 wildcard beats a dual-stack one for IPv4."""
    built = table(
        listener("::", dual_stack=True, backlog=1), listener("0.0.0.0", backlog=2), listener(V4)
    )
    capacity = {service.index: service.capacity for service in built.services}
    sizes = {str(end.address): capacity[index] for end, index in built.keys.items()}

    assert sizes == {V4: 128, V4B: 2, V6: 1}


def test_a_covered_wildcard_is_excluded() -> None:
    """A wildcard that is left with no address protects nothing."""
    built = table(listener("::"), listener(V6))

    assert reasons(built) == {"[::]:80": "covered by the listener on [2001:db8::10]:80"}


def test_unreachable_listeners_are_excluded_with_a_reason() -> None:
    """Nobody has to guess why a listener is not protected."""
    built = table(
        listener("127.0.0.1", 25),
        listener("::1", 25),
        listener(V4, 81, device=7),
        listener(V4, 82, device=2),
        listener(V4, 83),
        policy=Services(exclude_ports=(83,)),
    )

    assert list(built.keys) == [endpoint(V4, 82)]
    assert reasons(built) == {
        "127.0.0.1:25": "listens on loopback only",
        "[::1]:25": "listens on loopback only",
        f"{V4}:81": "bound to an interface that is not protected",
        f"{V4}:83": "excluded by services.exclude_ports",
    }


def test_a_machine_without_addresses_has_no_services() -> None:
    """A wildcard on no address is told, not dropped."""
    listeners = listener("0.0.0.0"), listener("::", 81), listener("::", 82, dual_stack=True)
    built = table(*listeners, addresses=frozenset())

    assert built.keys == {}
    assert reasons(built) == {
        "0.0.0.0:80": "no local IPv4 address",
        "[::]:81": "no local IPv6 address",
        "[::]:82": "no local address",
    }


def test_translated_endpoints_are_left_to_the_gateway() -> None:
    """A packet that is rewritten later never reaches the listener of its port."""
    whole = Translation(80, 90)
    part = Translation(443, 443, ip_network("192.0.2.10/32"))
    built = table(listener("0.0.0.0", 80), listener("0.0.0.0", 443), translations=(whole, part))

    assert list(built.keys) == [endpoint(V4B, 443)]
    assert reasons(built) == {"0.0.0.0:80": "translated: needs gateway mode"}


def test_an_address_that_is_not_ours_yet_is_kept() -> None:
    """IP_FREEBIND listeners wait for a floating address."""
    assert list(table(listener("198.51.100.1")).keys) == [endpoint("198.51.100.1", 80)]


def test_a_reuseport_group_is_as_strong_as_its_smallest_queue() -> None:
    """Three queues that share evenly are full when the smallest is."""
    built = table(listener(backlog=10), listener(backlog=100), listener(backlog=100))

    assert [service.capacity for service in built.services] == [30]


def test_mptcp_needs_the_kernels_own_cookie() -> None:
    """And so does everything where no request can be handed over."""
    plain, mptcp = table(listener(port=80), listener(port=81, mptcp=True)).services

    assert plain.mechanism is Mechanism.HANDOVER
    assert mptcp.mechanism is Mechanism.STACK
    assert table(listener(), can_hand_over=False).services[0].mechanism is Mechanism.STACK


def test_ports_have_the_mode_of_the_settings() -> None:
    """Modes come from the policy."""
    built = table(listener(port=80), policy=Services(armed_ports=(80,)))

    assert built.services[0].mode is ServiceMode.ARMED


def test_services_have_names() -> None:
    """An operator recognises a service by its endpoint and process."""
    built = table(listener("0.0.0.0", 80, process="nginx"), listener("::", 80), listener(V4, 22))

    assert {service.name for service in built.services} == {
        "*:80 nginx",
        "[::]:80",
        "192.0.2.10:22",
    }


def test_a_service_keeps_its_index() -> None:
    """Whatever comes and goes around it, and from whatever daemon the table is."""
    first = table(listener(port=80), listener(port=443))
    index = first.keys[endpoint(V4, 443)]
    second = build_table([listener(port=22), listener(port=443)], surroundings(), first.keys)

    assert second.keys[endpoint(V4, 443)] == index
    assert second.keys[endpoint(V4, 22)] not in set(first.keys.values())


def test_an_index_is_not_reused_at_once() -> None:
    """Packets may still be on their way to the service that it was."""
    first = table(listener(port=80))
    second = build_table([listener(port=81)], surroundings(), first.keys)

    assert set(second.keys.values()) == {1}


def test_a_full_table_says_so() -> None:
    """The 1,025th service is refused, the others stay."""
    built = table(*(listener(V4, port) for port in range(1, SERVICES_MAX + 2)))

    assert len(built.services) == SERVICES_MAX
    assert list(reasons(built).values()) == [
        "the data plane holds 1024 services and 65536 endpoints"
    ]


hosts = st.sampled_from(["0.0.0.0", "::", V4, V4B, V6, "127.0.0.1", "198.51.100.1"])
listeners = st.builds(
    lambda host, port, device, dual: listener(host, port, device=device, dual_stack=dual),
    hosts,
    st.integers(80, 84),
    st.sampled_from([0, 2, 7]),
    st.booleans(),
)


@given(st.lists(listeners, max_size=12), st.lists(listeners, max_size=12))
def test_tables_are_sound(before: list[Target], after: list[Target]) -> None:
    """Indexes are unique, every key leads to a service, and shared keys keep their index."""
    old = build_table(before, surroundings(), {})
    new = build_table(after, surroundings(), old.keys)
    indexes = [service.index for service in new.services]

    assert len(indexes) == len(set(indexes))
    assert set(new.keys.values()) == set(indexes)
    assert not any(end.address.is_loopback for end in new.keys)
    assert build_table(after, surroundings(), new.keys).keys == new.keys


def test_what_stands_behind_is_spliced() -> None:
    """A translated port is a service of the server behind, with the settings' capacity."""
    built = table(
        translations=(Translation(80, 80, ip_network(f"{V4}/32")),),
        gateway=GatewayPolicy(enabled=True, half_open=32),
    )
    (service,) = built.services
    assert built.keys == {endpoint(V4, 80): 0}
    assert (service.mechanism, service.capacity) == (Mechanism.SPLICE, 32)


def test_what_stands_behind_comes_before_a_listener() -> None:
    """Packets to a translated port never reach the socket here; other addresses' do."""
    built = table(
        listener(V4),
        listener(V4B),
        translations=(Translation(80, 80, ip_network(f"{V4}/32")),),
        gateway=GatewayPolicy(enabled=True),
    )
    ways = {str(service.bound): service.mechanism for service in built.services}
    assert ways == {f"{V4}:80": Mechanism.SPLICE, f"{V4B}:80": Mechanism.HANDOVER}
    assert reasons(built) == {
        f"{V4}:80": "translated: a server behind this machine is protected in its place"
    }
