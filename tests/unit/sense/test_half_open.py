"""Half-open connections."""

import socket
from ipaddress import ip_address

import pytest

from floodwall.core.address import pack
from floodwall.core.model import Ages
from floodwall.kernel import sockdiag
from floodwall.sense import half_open
from floodwall.sense.half_open import read_half_open
from tests.support.playbook import endpoint


def entry(remote: str, retransmits: int = 0, expires_ms: int = 900) -> sockdiag.HalfOpen:
    """Make an entry of the kernel's list."""
    return sockdiag.HalfOpen(
        family=socket.AF_INET,
        remote=pack(remote),
        remote_port=40000,
        local=pack("192.0.2.10"),
        local_port=80,
        retransmits=retransmits,
        expires_ms=expires_ms,
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


def test_ages_are_told_if_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """By how often the SYN-ACK was sent, and what is left until the next time: 1, 2, 4 s."""
    rows = [
        entry("203.0.113.1"),
        entry("203.0.113.2", expires_ms=1000),
        entry("203.0.113.3", expires_ms=30_000),  # its end is deferred
        entry("203.0.113.4", 1, expires_ms=1500),
        entry("203.0.113.5", 1, expires_ms=500),
        entry("203.0.113.6", 2, expires_ms=3500),
    ]
    monkeypatch.setattr(sockdiag, "half_open", lambda: rows)

    assert read_half_open(lambda _packed: False, ages=True).ages == {
        endpoint("192.0.2.10", 80): Ages(2, 1)
    }
    assert read_half_open(lambda _packed: False).ages == {}
