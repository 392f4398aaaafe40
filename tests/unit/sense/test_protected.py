"""Who must never be cut off."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from floodwall.core.model import Guard, Protected
from floodwall.kernel import rtnetlink, sockdiag
from floodwall.sense import protected
from floodwall.sense.protected import (
    protected_networks,
    resolvers,
    session_peer,
    sshd_ports,
)
from tests.support.playbook import listener


def test_resolvers_are_read() -> None:
    """Zones are cut off, comments and nonsense skipped."""
    text = (
        "# nameserver 192.0.2.1\nsearch example.org\nnameserver 192.0.2.53 \n"
        "nameserver fe80::1%eth0\nnameserver\nnameserver nonsense\n\tnameserver ::1\n"
    )

    assert list(resolvers(text)) == [ip_address(a) for a in ("192.0.2.53", "fe80::1", "::1")]


@pytest.mark.parametrize(
    ("value", "peer"),
    [
        ("198.51.100.7 50000 192.0.2.10 22", "198.51.100.7"),
        ("2001:db8::7 50000 2001:db8::10 22", "2001:db8::7"),
        ("::ffff:198.51.100.7 50000 ::ffff:192.0.2.10 22", "198.51.100.7"),
        ("", None),
        ("UNKNOWN 65535 UNKNOWN 65535", None),
    ],
)
def test_the_session_that_started_us_is_read(value: str, peer: str | None) -> None:
    """$SSH_CONNECTION, where sudo has kept it."""
    peers = [str(address) for address in session_peer({"SSH_CONNECTION": value})]

    assert peers == ([peer] if peer else [])
    assert list(session_peer({})) == []


def test_sshd_is_found_by_name_and_by_port() -> None:
    """Under another port its name tells; socket activation hides the name, not the port."""
    targets = (listener(port=2222, process="sshd"), listener(port=80, process="nginx"))

    assert sshd_ports(targets) == {22, 2222}


def test_all_sorts_are_collected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Loopback as a whole: a resolver or a peer there is not named apart."""
    conf = tmp_path / "resolv.conf"
    conf.write_text("nameserver 192.0.2.53\nnameserver 127.0.0.53\n")
    peers = {22: ["198.51.100.7"], 443: ["198.51.100.8", "127.0.0.1"]}
    monkeypatch.setattr(protected, "_RESOLV_CONF", conf)
    monkeypatch.setattr(rtnetlink, "gateways", lambda: [ip_address("192.0.2.1")])
    monkeypatch.setattr(sockdiag, "established_peers", lambda port: map(ip_address, peers[port]))
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.9 1 192.0.2.10 22")

    assert protected_networks((), [ip_address("192.0.2.10")], [443]) == {
        Protected(ip_network("127.0.0.0/8"), Guard.OWN),
        Protected(ip_network("::1"), Guard.OWN),
        Protected(ip_network("192.0.2.10"), Guard.OWN),
        Protected(ip_network("192.0.2.1"), Guard.GATEWAY),
        Protected(ip_network("192.0.2.53"), Guard.RESOLVER),
        Protected(ip_network("198.51.100.7"), Guard.SSH_PEER),
        Protected(ip_network("198.51.100.8"), Guard.SSH_PEER),
        Protected(ip_network("198.51.100.9"), Guard.SSH_PEER),
    }


def test_a_missing_resolv_conf_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Containers may have none."""
    monkeypatch.setattr(protected, "_RESOLV_CONF", tmp_path / "none")
    monkeypatch.setattr(rtnetlink, "gateways", list)
    monkeypatch.setattr(sockdiag, "established_peers", lambda _port: [])
    monkeypatch.delenv("SSH_CONNECTION", raising=False)

    assert {each.guard for each in protected_networks((), [], [])} == {Guard.OWN}
