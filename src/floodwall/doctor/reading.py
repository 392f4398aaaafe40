"""From the text of /proc to a sample: the reduced form, for kernels from 2.6.32 on.

Law: what a kernel does not have is None or 0, never an error.
"""

from floodwall.core.diagnosis.symptoms import MemorySigns, SoftnetSigns
from floodwall.core.model import StackLimits
from floodwall.core.signs import Conntrack, LinkLoad
from floodwall.doctor.proc_sockets import read_sockets
from floodwall.doctor.sample import Sample
from floodwall.doctor.tree import Tree
from floodwall.kernel.sysctl import parse_counters
from floodwall.sense.conntrack import add_up
from floodwall.sense.cpu import spent

_WORD = 16  # softnet_stat is hexadecimal
_LOOPBACK = "lo"


def read_sample(tree: Tree, at_s: float) -> Sample:
    """Return what a tree tells."""
    texts = [tree[name] for name in ("net/netstat", "net/snmp") if name in tree]
    counters = {name: value for text in texts for name, value in parse_counters(text).items()}
    return Sample(
        at_s=at_s,
        kernel=tree.get("sys/kernel/osrelease", "").strip(),
        uptime_s=_uptime(tree),
        sockets=read_sockets(tree),
        counters=counters or None,
        stack=_stack(tree),
        links=_links(tree),
        conntrack=_conntrack(tree),
        cpu=spent(tree["stat"]) if "stat" in tree else None,
        softnet=_softnet(tree),
        memory=_memory(tree, counters),
        unseen=tuple(_unseen(tree)),
    )


def _unseen(tree: Tree) -> list[str]:
    found = []
    for name, what in (
        ("net/netstat", "the stack's counters"),
        ("stat", "the CPUs"),
        ("net/softnet_stat", "the queues between drivers and stack"),
        ("sys/net/ipv4/tcp_syncookies", "sysctls of TCP"),
    ):
        if name not in tree:
            found.append(f"{what}: /proc/{name} cannot be read")
    tracked = "sys/net/netfilter/nf_conntrack_count" in tree
    if tracked and "net/stat/nf_conntrack" not in tree:
        found.append("what connection tracking dropped: /proc/net/stat/nf_conntrack needs root")
    return found


def _number(tree: Tree, name: str, default: int) -> int:
    words = tree.get(f"sys/net/{name}", "").split()
    return int(words[0]) if words and words[0].lstrip("-").isdigit() else default


def _uptime(tree: Tree) -> float | None:
    words = tree.get("uptime", "").split()
    return float(words[0]) if words else None


def _stack(tree: Tree) -> StackLimits | None:
    """Return the limits; without the sysctl of cookies nothing is said of any."""
    if "sys/net/ipv4/tcp_syncookies" not in tree:
        return None
    usual = StackLimits()
    return StackLimits(
        somaxconn=_number(tree, "core/somaxconn", usual.somaxconn),
        tcp_max_syn_backlog=_number(tree, "ipv4/tcp_max_syn_backlog", usual.tcp_max_syn_backlog),
        tcp_syncookies=_number(tree, "ipv4/tcp_syncookies", usual.tcp_syncookies),
        tcp_synack_retries=_number(tree, "ipv4/tcp_synack_retries", usual.tcp_synack_retries),
        tcp_sack=_number(tree, "ipv4/tcp_sack", 1) != 0,
        tcp_window_scaling=_number(tree, "ipv4/tcp_window_scaling", 1) != 0,
        tcp_timestamps=_number(tree, "ipv4/tcp_timestamps", 1) != 0,
        tcp_ecn=_number(tree, "ipv4/tcp_ecn", 2) != 0,
    )


def _links(tree: Tree) -> tuple[LinkLoad, ...] | None:
    """Read /proc/net/dev: 8 columns received, 8 sent; the speed is not in /proc."""
    if "net/dev" not in tree:
        return None
    found = []
    for index, line in enumerate(tree["net/dev"].splitlines()[2:], 1):
        # 2.6.32 leaves no blank behind the colon where a number is long.
        name, colon, rest = line.partition(":")
        columns = rest.split()
        if not colon or len(columns) < 16 or name.strip() == _LOOPBACK:
            continue
        numbers = [int(column) for column in columns]
        found.append(
            LinkLoad(
                name=name.strip(),
                index=index,
                received_bytes=numbers[0],
                sent_bytes=numbers[8],
                received_packets=numbers[1],
                receive_drops=numbers[3],
                speed_bit_s=None,
            )
        )
    return tuple(found)


def _conntrack(tree: Tree) -> Conntrack | None:
    limit = _number(tree, "netfilter/nf_conntrack_max", 0)
    if not limit:
        return None
    totals = add_up(tree.get("net/stat/nf_conntrack", ""))
    return Conntrack(
        entries=_number(tree, "netfilter/nf_conntrack_count", 0),
        limit=limit,
        early_drops=totals.get("early_drop", 0),
        insert_failures=totals.get("insert_failed", 0),
        drops=totals.get("drop", 0),
    )


def _softnet(tree: Tree) -> SoftnetSigns | None:
    """Read one line a CPU: processed, dropped, squeezed, ... in hexadecimal."""
    if "net/softnet_stat" not in tree:
        return None
    rows = [line.split() for line in tree["net/softnet_stat"].splitlines()]
    rows = [row for row in rows if len(row) >= 3]
    return SoftnetSigns(
        dropped=sum(int(row[1], _WORD) for row in rows),
        squeezed=sum(int(row[2], _WORD) for row in rows),
    )


def _memory(tree: Tree, counters: dict[str, int]) -> MemorySigns | None:
    """Read the TCP line of sockstat: names and values in turn."""
    line = next(
        (line for line in tree.get("net/sockstat", "").splitlines() if line.startswith("TCP:")), ""
    )
    words = line.split()[1:]
    values = {name: int(value) for name, value in zip(words[::2], words[1::2], strict=False)}
    limits = tree.get("sys/net/ipv4/tcp_mem", "").split()
    if "mem" not in values or len(limits) < 3 or not counters:
        return None
    return MemorySigns(
        pages=values["mem"],
        pages_limit=int(limits[2]),
        orphans=values.get("orphan", 0),
        orphans_limit=_number(tree, "ipv4/tcp_max_orphans", 0) or None,
    )
