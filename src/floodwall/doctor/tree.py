"""The files of /proc that tell about handshakes, as one value: from here, or from elsewhere.

Law: a tree is text by name, so that one that was recorded or sent reads like our own.
"""

from collections.abc import Mapping
from pathlib import Path

from floodwall.doctor.told_by_ss import COMMAND

Tree = Mapping[str, str]
"""Contents by path below /proc; what is missing could not be read."""

_NETWORK = ("tcp", "tcp6", "netstat", "snmp", "sockstat", "dev", "softnet_stat")
_IPV4 = (
    "tcp_syncookies",
    "tcp_max_syn_backlog",
    "tcp_synack_retries",
    "tcp_sack",
    "tcp_window_scaling",
    "tcp_timestamps",
    "tcp_ecn",
    "tcp_mem",
    "tcp_rmem",
    "tcp_max_orphans",
)
SOCKETS = ("net/tcp", "net/tcp6")
FILES = (
    *(f"net/{name}" for name in _NETWORK),
    "net/stat/nf_conntrack",
    "stat",
    "uptime",
    "sys/kernel/osrelease",
    "sys/net/core/somaxconn",
    "sys/net/netfilter/nf_conntrack_count",
    "sys/net/netfilter/nf_conntrack_max",
    *(f"sys/net/ipv4/{name}" for name in _IPV4),
)
"""Everything that is looked at, the tables of sockets included."""

SS = "ss"
"""What ss prints, in the last tree of a recording."""

_PROC = Path("/proc")


def read_tree(proc: Path = _PROC, *, sockets: bool = True) -> Tree:
    """Read what can be read; without `sockets` their tables are left to a better source."""
    found: dict[str, str] = {}
    for name in FILES:
        if name in SOCKETS and not sockets:
            continue
        try:
            found[name] = _place(proc, name).read_text(errors="replace")
        except OSError:
            continue
    return found


def _place(proc: Path, name: str) -> Path:
    """Return the path of a name; net is that of this thread, where the kernel knows threads.

    Minimum kernel: 3.17 for thread-self; before, net is that of the first thread.
    """
    own = proc / "thread-self"
    return own / name if name.startswith("net/") and own.exists() else proc / name


def script(seconds: int) -> str:
    """Return a line for a POSIX shell that prints two trees and, if ss is there, what it knows.

    It writes nothing, anywhere.
    """
    names = " ".join(FILES)
    look = f"head -v -n 1000000 {names} 2>/dev/null"
    more = f"PATH=$PATH:/usr/sbin:/sbin; echo; echo '==> {SS} <=='; {COMMAND} 2>/dev/null"
    return f"cd /proc && {{ {look}; sleep {seconds}; {look}; {more}; :; }}"


def unpack_trees(text: str) -> list[Tree]:
    """Read what the script printed: `==> NAME <==`, then the file; a name again begins a tree."""
    trees: list[dict[str, str]] = []
    for part in f"\n{text}".split("\n==> ")[1:]:
        name, mark, content = part.partition(" <==\n")
        if not mark:
            continue  # cut short
        if not trees or name in trees[-1]:
            trees.append({})
        trees[-1][name] = content.rstrip() + "\n"
    return [*trees]
