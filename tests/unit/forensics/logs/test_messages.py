"""What the kernel says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.evidence import Sign
from floodwall.forensics.logs.messages import (
    INTERESTING,
    LARGEST_COUNT,
    Drop,
    Hidden,
    Scope,
    Warned,
    read_message,
)

FLOODS = [
    (b"possible SYN flooding on port 80. Sending cookies.", "", 80),
    (b"TCP: Possible SYN flooding on port 7001. Dropping request.  Check SNMP counters.", "", 7001),
    (b"TCP: TCPv6: Possible SYN flooding on port 8. Sending cookies. Check SNMP counters.", "", 8),
    (b"TCP: request_sock_TCP: Possible SYN flooding on port 53. Sending cookies.", "", 53),
    (b"TCPv6: Possible SYN flooding on port 8. Dropping request.", "", 8),
    (b"TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:7070. Sending cookies.",
     "0.0.0.0", 7070),
    (b"TCP: request_sock_subflow_v4: Possible SYN flooding on port [::]:20002. Sending cookies.",
     "::", 20002),
    (b"Warning: possible SYN flood from 192.0.2.1 on 192.0.2.2:80.  Sending cookies.",
     "192.0.2.2", 80),
    (b"possible SYN flooding on port 25.", "", 25),
]  # fmt: skip
OTHERS = [
    (b"TCPv6: dropping request, synflood is possible", Sign.POSSIBLE_FLOOD),
    (b"droping syn ack:128 max:128", Sign.POSSIBLE_FLOOD),
    (b"ip_conntrack: table full, dropping packet.", Sign.CONNTRACK_FULL),
    (b"nf_conntrack: table full, dropping packet", Sign.CONNTRACK_FULL),
    (b"nf_conntrack: nf_conntrack: table full in netns 4026, dropping packet", Sign.CONNTRACK_FULL),
    (b"TCP: too many of orphaned sockets", Sign.ORPHANS),
    (b"Out of socket memory", Sign.SOCKET_MEMORY),
    (b"TCP: out of memory -- consider tuning tcp_mem     ", Sign.SOCKET_MEMORY),
    (b"TCP: time wait bucket table overflow", Sign.TIME_WAIT),
    (b"ipv4: Neighbour table overflow.", Sign.NEIGHBOURS),
    (b"neighbour: arp_cache: neighbor table overflow!", Sign.NEIGHBOURS),
    (b"dst cache overflow", Sign.ROUTE_CACHE),
    (b"TCP: Treason uncloaked! Peer 192.0.2.1:1/80 shrinks window 1:2. Repaired.",
     Sign.SHRUNK_WINDOW),
    (b"TCP: Peer 192.0.2.1:1/80 unexpectedly shrunk window 1:2 (repaired)", Sign.SHRUNK_WINDOW),
    (b"** 7 printk messages dropped **", Sign.MESSAGES_LOST),
]  # fmt: skip


@pytest.mark.parametrize(("message", "address", "port"), FLOODS)
def test_the_warning_of_every_version(message: bytes, address: str, port: int) -> None:
    """With the address where it has one."""
    assert INTERESTING.search(message)
    warned = read_message(message)
    assert isinstance(warned, Warned)
    assert (warned.sign, warned.address, warned.port) == (Sign.POSSIBLE_FLOOD, address, port)


@pytest.mark.parametrize(("message", "sign"), OTHERS)
def test_what_comes_with_it(message: bytes, sign: Sign) -> None:
    """Over all versions."""
    assert INTERESTING.search(message)
    warned = read_message(message)
    assert isinstance(warned, Warned)
    assert warned.sign is sign


@pytest.mark.parametrize(
    ("text", "count", "port"),
    [
        ("0xfff8: %s (51 occurrences)", 51, 0),
        ("0xfff8 (0.0.0.0:443 (proto 6)): %s (4 occurrences), euid 0, rgid 0, jail 0", 4, 443),
        ("0xfff8 ([::]:8443 (proto 6)): %s", 1, 8443),
    ],
)  # fmt: skip
def test_freebsd_tells_of_accept_queues(text: str, count: int, port: int) -> None:
    """With and without the listener and the count."""
    overflow = "Listen queue overflow: 2 already in queue awaiting acceptance"
    warned = read_message(f"sonewconn: pcb {text % overflow}".encode())
    assert isinstance(warned, Warned)
    assert (warned.sign, warned.count, warned.port) == (Sign.LISTEN_OVERFLOW, count, port)


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("192.0.2.7/3755", "192.0.2.7", 3755),
        ("2001:0db8:0000:0000:0000:0000:0000:0001/80", "2001:db8::1", 80),
        ("u.x.y.z/vvvv", "None", 0),
        ("192.0.2.7/99999", "None", 0),
        ("999.0.2.7/80", "None", 0),
    ],
)
def test_dropped_requests_name_their_source(text: str, address: str, port: int) -> None:
    """Unless somebody made it unreadable."""
    drop = read_message(f"TCP: drop open request from {text}".encode())
    assert isinstance(drop, Drop)
    assert (str(drop.address), drop.port) == (address, port)


@pytest.mark.parametrize(
    ("text", "count", "scope", "saturated"),
    [
        ("NET: 2263 messages suppressed.", 2263, Scope.NETWORK, False),
        ("net_ratelimit: 273 callbacks suppressed", 273, Scope.NETWORK, False),
        ("printk: 60 messages suppressed.", 60, Scope.ANY, False),
        ("__ratelimit: 5400 callbacks suppressed", 5400, Scope.ANY, False),
        ("NET: -1 messages suppressed.", 0, Scope.NETWORK, True),
        (f"NET: {10**399} messages suppressed.", LARGEST_COUNT, Scope.NETWORK, True),
        ("NET: 0 messages suppressed.", 0, Scope.NETWORK, False),
    ],
)
def test_suppressed_messages(text: str, count: int, scope: Scope, saturated: int) -> None:
    """Absurd counts saturate, and say so."""
    assert read_message(text.encode()) == Hidden(count, scope, bool(saturated))


@pytest.mark.parametrize(
    "text",
    [
        "quiet_error: 60 callbacks suppressed",
        "kauditd_printk_skb: 5 callbacks suppressed",
        "possible SYN flooding on port X.",
        "TCP: Possible SYN flooding on port 99999. Sending cookies.",
        "x TCP: drop open request from 192.0.2.7/3755",
        "NET: 5 messages suppressedly",
    ],
)
def test_other_messages_are_none_of_this(text: str) -> None:
    """Other subsystems, templates and quotations."""
    message = read_message(text.encode())
    assert message is None or text.startswith("NET")


@given(st.binary(max_size=300))
def test_any_bytes_are_read(message: bytes) -> None:
    """Without an error."""
    read_message(message)
    read_message(b"TCP: drop open request from " + message)
    read_message(b"NET: " + message + b" messages suppressed.")
