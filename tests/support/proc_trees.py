"""Trees of /proc as kernels from 2.6.32 on write them, made from their sources and manuals.

What differs between generations is kept: columns of netstat and of nf_conntrack, words a line of
softnet_stat, blanks in net/dev, sysctls that came later, and how long a line of net/tcp is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

# In the order of snmp4_net_list of each generation, as far as the doctor looks.
_OLD = ("SyncookiesSent", "SyncookiesRecv", "SyncookiesFailed", "EmbryonicRsts")
_OVERFLOWS = ("ListenOverflows", "ListenDrops")
_QUEUE_FULL = ("TCPReqQFullDoCookies", "TCPReqQFullDrop")  # since 2.6.36
_RETRANSMITTED = ("TCPSynRetrans",)  # since 3.13


@dataclass(frozen=True, slots=True)
class Generation:
    """What a kernel writes."""

    release: str
    netstat: tuple[str, ...]
    softnet_words: int
    conntrack: str
    """Head of net/stat/nf_conntrack."""
    cpu_fields: int = 10
    blank: str = " "
    """Behind the colon of net/dev."""
    ip_columns: str = "Ip: Forwarding DefaultTTL\nIp: 1 64\n"


_CONNTRACK_OLD = (
    "entries  searched found new invalid ignore delete delete_list insert insert_failed drop "
    "early_drop icmp_error  expect_new expect_create expect_delete search_restart"
)
_CONNTRACK_NEW = (
    "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop "
    "early_drop icmp_error  expect_new expect_create expect_delete search_restart"
)

GENERATIONS = (
    Generation("2.6.32-754.el6.x86_64", _OLD + _OVERFLOWS, 9, _CONNTRACK_OLD, 9, ""),
    Generation(
        "3.10.0-1160.el7.x86_64", _OLD + _OVERFLOWS + _QUEUE_FULL, 11, _CONNTRACK_OLD
    ),
    Generation(
        "4.4.0-210-generic", _OLD + _OVERFLOWS + _QUEUE_FULL + _RETRANSMITTED, 11, _CONNTRACK_OLD
    ),
    Generation(
        "4.19.0-26-amd64", _OLD + _OVERFLOWS + _QUEUE_FULL + _RETRANSMITTED, 11, _CONNTRACK_OLD
    ),
    Generation(
        "5.4.0-150-generic", _OLD + _OVERFLOWS + _QUEUE_FULL + _RETRANSMITTED, 11, _CONNTRACK_OLD
    ),
    Generation(
        "5.15.0-91-generic", _OLD + _OVERFLOWS + _QUEUE_FULL + _RETRANSMITTED, 13, _CONNTRACK_NEW
    ),
    Generation(
        "6.1.0-18-amd64", _OLD + _OVERFLOWS + _QUEUE_FULL + _RETRANSMITTED, 13, _CONNTRACK_NEW
    ),
    Generation(
        "6.18.1", _OLD + _OVERFLOWS + _QUEUE_FULL + _RETRANSMITTED, 15, _CONNTRACK_NEW
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """What goes on at one moment."""

    uptime_s: float = 86_400.0
    counters: Mapping[str, int] = field(default_factory=dict)
    """TcpExt by name; those that a generation lacks are not written."""
    tcp: Mapping[str, int] = field(default_factory=lambda: {"OutRsts": 5, "PassiveOpens": 900})
    half_open: int = 0
    stale: int = 0
    waiting: int = 0
    established: tuple[str, ...] = ()
    """Remote addresses."""
    cookies: int = 1
    received_bytes: int = 5_000_000_000
    received_packets: int = 40_000
    tracked: int = 100
    track_drops: int = 0
    softnet_drops: int = 0


def tree(generation: Generation, state: State) -> dict[str, str]:
    """Write the files of a machine with a listener on 192.0.2.10:80."""
    drops = f"{state.track_drops:08x}"
    row = " ".join(
        drops if name == "drop" else f"{state.tracked:08x}" if name == "entries" else "00000000"
        for name in generation.conntrack.split()
    )
    idle = ["0"] * (generation.cpu_fields - 4)
    softnet = ["0001c9a3", f"{state.softnet_drops:08x}", "00000004"]
    softnet += ["00000000"] * (generation.softnet_words - 3)
    values = [str(state.counters.get(name, 0)) for name in generation.netstat]
    return {
        "net/tcp": _tcp(state),
        "net/tcp6": "  sl  local_address                         remote_address\n",
        "net/netstat": f"TcpExt: {' '.join(generation.netstat)}\nTcpExt: {' '.join(values)}\n"
        "IpExt: InNoRoutes InTruncatedPkts\nIpExt: 0 0\n",
        "net/snmp": generation.ip_columns
        + f"Tcp: {' '.join(state.tcp)}\nTcp: {' '.join(map(str, state.tcp.values()))}\n",
        "net/sockstat": "sockets: used 90\nTCP: inuse 3 orphan 1 tw 0 alloc 4 mem 2\n",
        "net/dev": _dev(generation, state),
        "net/softnet_stat": f"{' '.join(softnet)} \n" * 2,
        "net/stat/nf_conntrack": f"{generation.conntrack}\n{row}\n",
        "stat": f"cpu  9 0 9 900 {' '.join(idle)}\n"
        f"cpu0 9 0 9 {int(state.uptime_s * 100)} {' '.join(idle)}\nintr 1 2\nctxt 1\n",
        "uptime": f"{state.uptime_s:.2f} 99.00\n",
        "sys/kernel/osrelease": f"{generation.release}\n",
        "sys/net/core/somaxconn": "128\n",
        "sys/net/netfilter/nf_conntrack_count": f"{state.tracked}\n",
        "sys/net/netfilter/nf_conntrack_max": "65536\n",
        "sys/net/ipv4/tcp_syncookies": f"{state.cookies}\n",
        "sys/net/ipv4/tcp_max_syn_backlog": "1024\n",
        "sys/net/ipv4/tcp_synack_retries": "5\n",
        "sys/net/ipv4/tcp_mem": "190000\t260000\t380000\n",
        "sys/net/ipv4/tcp_max_orphans": "65536\n",
    }


def recording(generation: Generation, before: State, after: State) -> str:
    """Write what the script prints: two trees, each file below its head."""
    return "\n".join(
        f"==> {name} <==\n{text}"
        for state in (before, after)
        for name, text in tree(generation, state).items()
    )


def _tcp(state: State) -> str:
    lines = [
        (
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
            "timeout inode"
        ),
        _row(0, "0.0.0.0", 0, "0A", waiting=state.waiting, inode=15310),
    ]
    for number in range(state.half_open):
        again = int(number < state.stale)
        source = f"198.51.{number >> 8}.{number & 255}"
        lines.append(_row(len(lines), source, 1024, "03", again=again))
    for number, source in enumerate(state.established):
        lines.append(_row(len(lines), source, 2000 + number, "01", inode=16000 + number))
    return "\n".join(line.ljust(149) for line in lines) + "\n"


def _row(
    number: int, remote: str, port: int, state: str, *, waiting: int = 0, again: int = 0,
    inode: int = 0,
) -> str:  # fmt: skip
    return (
        f"{number:4d}: {_end('192.0.2.10', 80)} {_end(remote, port)} {state} "
        f"00000000:{waiting:08X} {1 if again else 0:02X}:00000012 {again:08X} "
        f"    0        0 {inode} 1 0000000000000000"
    )


def _end(address: str, port: int) -> str:
    return f"{ip_address(address).packed[::-1].hex().upper()}:{port:04X}"


def _dev(generation: Generation, state: State) -> str:
    def numbers(received: int) -> Iterator[int]:
        yield from (received, state.received_packets, 0, 0, 0, 0, 0, 0, 900, 10, 0, 0, 0, 0, 0, 0)

    lines = [
        "Inter-|   Receive                                                |  Transmit",
        (
            " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets "
            "errs drop fifo colls carrier compressed"
        ),
    ]
    for name, received in (("lo", 77), ("eth0", state.received_bytes)):
        lines.append(f"{name:>6}:{generation.blank}{' '.join(map(str, numbers(received)))}")
    return "\n".join(lines) + "\n"
