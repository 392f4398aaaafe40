"""What can be typed against each ailment, what it costs, and what takes it back.

Law: names that others chose, like those of interfaces, are quoted: people paste what is shown.
"""

from shlex import quote

from floodwall.core.arming import half_open_lifetime_s
from floodwall.core.diagnosis.ailment import Remedy, Setting
from floodwall.core.duration import format_duration
from floodwall.core.model import StackLimits

SHORT_RETRIES = 2
"""An unanswered entry lives 7 s with so many; it is what the daemon sets during a flood."""

CONNTRACK_ENTRY_BYTES = 320
"""An entry with its extensions, rounded up (kernel documentation: nf_conntrack_max)."""

REQUEST_BYTES = 304
"""struct tcp_request_sock on 64 bits, as slabinfo has it."""

SYNCOOKIES = "net.ipv4.tcp_syncookies"


def set_sysctl(name: str, now: int, wanted: int, why: str, cost: str, *, safe: bool) -> Remedy:
    """Set a sysctl; what it is now is the way back."""
    return Remedy(
        f"sysctl -w {name}={wanted}",
        why,
        cost,
        f"sysctl -w {name}={now}",
        Setting(name, str(wanted)) if safe else None,
    )


def cookies_on(now: int) -> Remedy:
    """Let the kernel answer with cookies when a queue is full."""
    return set_sysctl(
        SYNCOOKIES, now, 1,
        "the kernel then answers with cookies what its queue cannot take, and clients get in",
        "while a queue overflows, clients without timestamps lose window scaling and SACK",
        safe=True,
    )  # fmt: skip


def guard(*, guarded: bool) -> Remedy:
    """Let Floodwall answer in front of the stack."""
    if guarded:
        return Remedy(
            "floodwall status",
            "the daemon runs here: it tells what it does about it, and by which mechanism",
            "nothing",
            "nothing: it only looks",
        )
    return Remedy(
        "floodwall run",
        "answers each SYN in the driver and keeps nothing of it; TCP options are kept",
        "about 0.4 us of CPU a challenged SYN; keeps this terminal, or use the service unit",
        "floodwall off",
    )


def fewer_retries(stack: StackLimits) -> Remedy | None:
    """Let half-open entries die sooner."""
    if stack.tcp_synack_retries <= SHORT_RETRIES:
        return None
    before, after = (
        format_duration(half_open_lifetime_s(retries))
        for retries in (stack.tcp_synack_retries, SHORT_RETRIES)
    )
    return set_sysctl(
        "net.ipv4.tcp_synack_retries", stack.tcp_synack_retries, SHORT_RETRIES,
        f"an unanswered entry leaves the queue after {after} instead of {before}",
        "clients on links that lose several packets in a row fail to connect, at every service",
        safe=False,
    )  # fmt: skip


def longer_syn_backlog(stack: StackLimits, backlog: int) -> Remedy | None:
    """Let strangers use the whole backlog, where cookies are off and it is cut to less."""
    if stack.tcp_syncookies or stack.tcp_max_syn_backlog * 3 // 4 >= backlog:
        return None
    wanted = 1 << (backlog * 4 // 3).bit_length()
    return set_sysctl(
        "net.ipv4.tcp_max_syn_backlog", stack.tcp_max_syn_backlog, wanted,
        f"while cookies are off, strangers get three quarters of it, less than the {backlog:,} "
        "that the listener would take",
        f"up to {wanted * REQUEST_BYTES // 1024:,} KiB of memory for each listener",
        safe=True,
    )  # fmt: skip


def conntrack_room(limit: int) -> Remedy:
    """Let connection tracking remember more."""
    wanted = 2 * limit
    mib = limit * CONNTRACK_ENTRY_BYTES / (1 << 20)
    return set_sysctl(
        "net.netfilter.nf_conntrack_max", limit, wanted,
        "the table is what drops packets, not the listeners",
        f"up to {mib:,.0f} MiB more memory; buys time, no more, if a flood fills it",
        safe=True,
    )  # fmt: skip


def untrack(port: int) -> Remedy:
    """Keep a port out of connection tracking."""
    return Remedy(
        "nft 'table inet floodwall_untracked { chain in { type filter hook prerouting priority"
        f" -300; tcp dport {port} notrack; }}; chain out {{ type filter hook output priority -300;"
        f" tcp sport {port} notrack; }}; }}'",
        f"SYNs to port {port} then leave nothing in the table",
        "rules that accept `ct state established` no longer match that port: it needs its own"
        " accept rule, and no NAT",
        "nft delete table inet floodwall_untracked",
    )


def capture(interface: str) -> Remedy:
    """Take evidence for whoever can stop it upstream."""
    return Remedy(
        f"tcpdump -ni {quote(interface)} -s 96 -c 20000 -w flood.pcap; "
        "floodwall analyze flood.pcap",
        "nothing on this host can help: send your provider who, what and since when",
        "about 2 MB on disk, and a part of a CPU for seconds",
        "rm flood.pcap",
    )


def report() -> Remedy:
    """Make of an incident on record what a provider's abuse desk needs."""
    return Remedy(
        "floodwall report latest --pcap flood.pcap",
        "what happened, since when and from whom, with sums, for whoever can stop it upstream",
        "a folder of some files; nothing is sent",
        "rm -r the folder that it names",
    )


def spread_receiving(interface: str, cpus: int) -> Remedy:
    """Let more CPUs take part in receiving."""
    mask = f"{(1 << cpus) - 1:x}"
    path = quote(f"/sys/class/net/{interface}/queues/rx-0/rps_cpus")
    return Remedy(
        f"echo {mask} > {path}",
        "one CPU does nearly all receiving; others may share what comes behind the driver",
        "packets cross CPUs: more CPU time in all, and applications feel it",
        f"echo 0 > {path}",
    )


def look(command: str, why: str) -> Remedy:
    """Look closer; changes nothing."""
    return Remedy(command, why, "nothing", "nothing: it only looks")
