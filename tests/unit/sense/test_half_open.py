"""Half-open connections."""

import socket
from ipaddress import ip_address

import pytest

from floodwall.core.address import pack
from floodwall.kernel import sockdiag
from floodwall.sense import half_open
from floodwall.sense.half_open import read_half_open
from tests.support.playbook import endpoint


def entry(remote: str, retransmits: int = 0) -> sockdiag.HalfOpen:
    """Make an entry of the kernel's list."""
    return sockdiag.HalfOpen(
        family=socket.AF_INET,
        remote=pack(remote),
        remote_port=40000,
        local=pack("192.0.2.10"),
        local_port=80,
        retransmits=retransmits,
        expires_ms=900,
        cookie=5,
        ifindex=0,
    )


def test_entries_keep_what_destroys_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """And each source is looked up once."""
    rows = [entry("203.0.113.1", 2), entry("203.0.113.2"), entry("203.0.113.1")]
    asked: list[bytes] = []

    def is_proven(packed: bytes) -> bool:
        asked.append(packed)
        return packed == pack(ip_address("203.0.113.2"))

    monkeypatch.setattr(sockdiag, "half_open", lambda: rows)
    waiting = read_half_open(is_proven)
    found = waiting.entries

    assert [each.proven for each in found] == [False, True, False]
    assert found[0].local == endpoint("192.0.2.10", 80)
    assert found[0].remote == endpoint("203.0.113.1", 40000)
    assert found[0].retransmits == 2
    assert [each.handle for each in found] == rows
    assert len(asked) == 2


def test_all_are_counted_and_the_oldest_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue of any length costs a bounded part of the second."""
    young = [entry(f"203.0.113.{number}") for number in range(4)]
    old = [entry(f"198.51.100.{number}", retransmits=1) for number in range(2)]
    monkeypatch.setattr(sockdiag, "half_open", lambda: [*young, *old])
    monkeypatch.setattr(half_open, "ENTRIES_MAX", 3)
    waiting = read_half_open(lambda _packed: False)

    assert [each.handle for each in waiting.entries] == [*old, young[0]]
    assert waiting.requests == {endpoint("192.0.2.10", 80): 6}
