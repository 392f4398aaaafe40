"""Facts are values, and what is unread is never one."""

import pytest

from floodwall.audit.facts import (
    AbsentError,
    Listening,
    Release,
    Scope,
    Unread,
    UnreadError,
    known,
)

NAME = "net.ipv4.tcp_syncookies"


def test_what_is_unread_is_told_with_its_reason() -> None:
    """A check cannot go on without noticing."""
    with pytest.raises(UnreadError, match="denied"):
        known(Unread("denied"))
    assert known(0) == 0


def test_a_sysctl_is_there_absent_or_unread() -> None:
    """Three different things."""
    scope = Scope(sysctls={NAME: "1", "net.core.somaxconn": Unread("denied"), "a": "x"})
    assert scope.number(NAME) == 1
    with pytest.raises(AbsentError, match="tcp_mem"):
        scope.number("net.ipv4.tcp_mem")
    with pytest.raises(UnreadError, match="denied"):
        scope.number("net.core.somaxconn")
    with pytest.raises(UnreadError, match="no number"):
        scope.number("a")


def test_sysctls_of_interfaces_are_found_by_pattern() -> None:
    """With the name of the interface."""
    scope = Scope(sysctls={"net.ipv4.conf.eth0.rp_filter": "2", "net.ipv4.conf.eth0.x": "1"})
    assert list(scope.matching("net.ipv4.conf.", ".rp_filter")) == [("eth0", 2)]


@pytest.mark.parametrize(
    ("address", "public", "wildcard"),
    [("127.0.0.1", False, False), ("::1", False, False), ("::", True, True),
     ("192.0.2.1", True, False), ("*", True, True)],
)  # fmt: skip
def test_who_can_reach_a_listener(address: str, *, public: bool, wildcard: bool) -> None:
    """Loopback addresses are for this machine alone."""
    listener = Listening(address, 80, process="nginx")
    assert (listener.is_public, listener.is_wildcard) == (public, wildcard)
    assert listener.name.endswith(":80 nginx")


def test_releases_are_compared_by_number() -> None:
    """Not by text, where 4.19 would be before 4.4."""
    assert Release(4, 19).since(4, 4)
    assert not Release(3, 16).since(4, 4)
