"""Who must never be dropped."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.model import Guard, Protected
from floodwall.core.never_ban import NEVER_MAX, never_ban_set, refusal
from floodwall.core.settings import Bans
from floodwall.kernel import _abi

NEVER = {
    ip_network("192.0.2.1/32"): Guard.GATEWAY,
    ip_network("203.0.113.0/24"): Guard.OPERATOR,
    ip_network("2001:db8::53/128"): Guard.RESOLVER,
}


def test_size_is_the_data_planes() -> None:
    """The set is cut to what the map takes."""
    assert NEVER_MAX == _abi.NEVER_MAX


def test_weightiest_reason_wins() -> None:
    """A gateway that is also an SSH peer is called a gateway."""
    gateway = ip_network("192.0.2.1/32")
    entries = [Protected(gateway, Guard.SSH_PEER), Protected(gateway, Guard.GATEWAY)]

    assert never_ban_set(entries) == {gateway: Guard.GATEWAY}


def test_ssh_peers_are_cut_first() -> None:
    """However many peers there are, own addresses stay protected."""
    peers = [
        Protected(ip_network(f"10.{n >> 8 & 255}.{n & 255}.1/32"), Guard.SSH_PEER)
        for n in range(NEVER_MAX + 10)
    ]
    own = Protected(ip_network("192.0.2.9/32"), Guard.OWN)
    networks = never_ban_set([*peers, own])

    assert len(networks) == NEVER_MAX
    assert networks[own.network] is Guard.OWN


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        ("192.0.2.1", "192.0.2.1/32 is protected: gateway"),
        ("::ffff:192.0.2.1", "192.0.2.1/32 is protected: gateway"),
        ("192.0.2.0/24", "192.0.2.0/24 touches 192.0.2.1/32, protected: gateway"),
        ("203.0.113.7", "203.0.113.7/32 touches 203.0.113.0/24, protected: operator's list"),
        ("2001:db8::/64", "2001:db8::/64 touches 2001:db8::53/128, protected: resolver"),
        ("10.0.0.0/15", "10.0.0.0/15 is wider than /16, the widest prefix that may be banned"),
        ("2002::/31", "2002::/31 is wider than /32, the widest prefix that may be banned"),
        ("198.51.100.7", None),
        ("10.0.0.0/16", None),
    ],
)
def test_refusals_name_their_reason(network: str, reason: str | None) -> None:
    """A ban is refused if it touches what is protected, or is too wide."""
    assert refusal(ip_network(network), NEVER, Bans(), 0) == reason


def test_number_of_bans_is_capped() -> None:
    """One more than allowed is refused."""
    caps = Bans(max_count=2)

    assert refusal(ip_network("198.51.100.7"), NEVER, caps, 1) is None
    assert refusal(ip_network("198.51.100.7"), NEVER, caps, 2) is not None


@given(st.integers(0, 2**32 - 1), st.integers(16, 32))
def test_no_ban_touches_the_never_ban_set(number: int, bits: int) -> None:
    """Whatever is accepted overlaps nothing that is protected."""
    network = ip_network((number >> (32 - bits) << (32 - bits), bits))
    if refusal(network, NEVER, Bans(), 0) is None:
        assert not any(own.version == 4 and own.overlaps(network) for own in NEVER)
