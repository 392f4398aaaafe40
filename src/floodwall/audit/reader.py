"""Reads the facts from a source once; what cannot be read is kept as unread, with the reason."""

import json
from collections.abc import Callable, Iterator
from typing import TypeVar

from floodwall.audit.cards import read_cards
from floodwall.audit.facts import Facts, Listening, Release, Scope, Site, Unread, UnreadError
from floodwall.audit.listening import listening_in_proc
from floodwall.audit.persisted import read_persisted
from floodwall.audit.source import LEGACY_RULES, RULES, Source, sysctl_path

T = TypeVar("T")
WATCHED = (
    "net.core.message_cost",
    "net.core.netdev_max_backlog",
    "net.core.somaxconn",
    "net.ipv4.ip_forward",
    "net.ipv4.tcp_abort_on_overflow",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_max_orphans",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_rfc1337",
    "net.ipv4.tcp_sack",
    "net.ipv4.tcp_syn_retries",
    "net.ipv4.tcp_synack_retries",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_timestamps",
    "net.ipv4.tcp_tw_recycle",
    "net.ipv4.tcp_window_scaling",
    "net.ipv6.conf.all.forwarding",
    "net.netfilter.nf_conntrack_buckets",
    "net.netfilter.nf_conntrack_count",
    "net.netfilter.nf_conntrack_max",
    "net.netfilter.nf_conntrack_tcp_loose",
    "net.netfilter.nf_conntrack_tcp_timeout_syn_recv",
)
"""Sysctls that the checks look at, besides those of single interfaces."""

OF_INTERFACES = ("rp_filter", "accept_source_route")
"""Sysctls below net.ipv4.conf that each interface has."""

CONTACT = "/etc/floodwall/provider.txt"
"""Whom to call when the link is full: name, number, customer number; free text."""

REHEARSAL = "/var/lib/floodwall/rehearsal.json"
"""Written by a rehearsal in the lab that went to its end."""

_MOST_CPUS, _MOST_MEMORY_BYTES = 1 << 16, 1 << 56
_LONGEST_NOTE = 500
"""Longer ones are not ours, and could nest without end."""

_INTERFACES = "/proc/sys/net/ipv4/conf"
_TIME_SERVICES = ("chronyd", "ntpd", "systemd-timesyn", "openntpd", "ptp4l", "phc2sys")
"""As /proc/N/comm shows them: 15 letters."""


def read_facts(source: Source) -> Facts:
    """Read everything that the checks look at."""
    here = read_scope(source)
    processes = _try(lambda: frozenset(_processes(source)))
    return Facts(
        release=_try(lambda: _release(source.text("/proc/sys/kernel/osrelease"))),
        here=here,
        others=_try(lambda: _others(source)),
        persisted=_try(lambda: read_persisted(source, here.sysctls)),
        cards=_try(lambda: read_cards(source)),
        memory_bytes=_try(lambda: _memory(source.text("/proc/meminfo"))),
        cpus=_try(lambda: count_list(source.text("/sys/devices/system/cpu/online"))),
        processes=processes,
        rules=_try(lambda: _rules(source)),
        site=Site(
            clock=_try(lambda: _clock(source, processes)),
            management=_try(lambda: _management(source, here)),
            contact=_try(lambda: _first_line(source, CONTACT)),
            rehearsed=_try(lambda: _rehearsed(source)),
        ),
    )


def read_scope(source: Source, name: str = "") -> Scope:
    """Read what each network namespace has of its own."""
    sysctls: dict[str, str | Unread] = {}
    for each in (*WATCHED, *_of_interfaces(source)):
        path = sysctl_path(each)
        try:
            sysctls[each] = source.text(path).strip()
        except FileNotFoundError:
            continue
        except OSError as error:
            sysctls[each] = Unread(f"{path}: {_word(error)}")
    if not sysctls:
        reason = Unread("there is no /proc/sys/net to read")
        sysctls = dict.fromkeys(WATCHED, reason)
    return Scope(name, sysctls, _try(lambda: _listeners(source)))


def count_list(text: str) -> int:
    """Count the numbers of a list as the kernel writes it: 0-3,8 are five."""
    total = 0
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        total += int(last or first) - int(first) + 1
    if not 0 <= total <= _MOST_CPUS:
        raise ValueError(f"no machine has {total} CPUs")
    return total


def _others(source: Source) -> tuple[Scope, ...]:
    return tuple(read_scope(inner, name) for name, inner in source.namespaces())


def _of_interfaces(source: Source) -> Iterator[str]:
    try:
        names = source.names(_INTERFACES)
    except OSError:
        return
    for name in names:
        # A dot in the name of an interface is a slash in that of its sysctl, sysctl(8).
        yield from (f"net.ipv4.conf.{name.replace('.', '/')}.{last}" for last in OF_INTERFACES)


def _listeners(source: Source) -> tuple[Listening, ...]:
    try:
        return source.listeners()
    except UnreadError as error:
        found: list[Listening] = []
        missing = 0
        for path in ("/proc/net/tcp", "/proc/net/tcp6"):
            try:
                found += listening_in_proc(source.text(path))
            except FileNotFoundError:
                missing += 1
        if missing == 2:
            raise UnreadError(str(error)) from None
        return tuple(found)


def _release(text: str) -> Release:
    major, minor, *_ = (*text.strip().replace("-", ".").split("."), "0")
    return Release(int(major), int(minor), text.strip())


def _memory(text: str) -> int:
    for line in text.splitlines():
        if line.startswith("MemTotal:"):
            size = int(line.split()[1]) * 1024
            if not 0 < size <= _MOST_MEMORY_BYTES:
                raise ValueError(f"no machine has {size} bytes of memory")
            return size
    raise UnreadError("/proc/meminfo has no MemTotal")


def _processes(source: Source) -> Iterator[str]:
    for name in source.names("/proc"):
        if name.isdecimal():
            try:
                yield _name(source, name)
            except OSError:
                continue  # gone since


def _name(source: Source, number: str) -> str:
    """Return the name of a process; comm exists from 2.6.33 on."""
    try:
        return source.text(f"/proc/{number}/comm").strip()
    except FileNotFoundError:
        _, _, behind = source.text(f"/proc/{number}/stat").partition("(")
        return behind.rpartition(")")[0]


def _rules(source: Source) -> str:
    """Return what nft prints, and the legacy iptables; one of the two is enough."""
    answers: list[str] = []
    reasons: list[str] = []
    for command in (RULES, LEGACY_RULES):
        try:
            answers.append(source.output(command))
        except UnreadError as error:
            reasons.append(str(error))
    if not answers:
        raise UnreadError("; ".join(reasons))
    return "\n".join(answers)


def _clock(source: Source, processes: frozenset[str] | Unread) -> str:
    if not isinstance(processes, Unread):
        running = [name for name in _TIME_SERVICES if name in processes]
        if running:
            return running[0]
    try:
        source.text("/run/systemd/timesync/synchronized")
    except FileNotFoundError:
        if isinstance(processes, Unread):
            raise UnreadError(processes.why) from None
        return ""
    return "systemd-timesyncd"


def _management(source: Source, here: Scope) -> tuple[str, ...]:
    found = [f"/dev/{name}" for name in source.names("/dev") if name.startswith("ipmi")]
    for word in source.text("/proc/cmdline").split():
        console = word.removeprefix("console=").partition(",")[0]
        if word.startswith("console=") and console.startswith(("ttyS", "ttyAMA", "hvc")):
            found.append(f"serial console {console}")
    listeners = () if isinstance(here.listeners, Unread) else here.listeners
    shells = [each for each in listeners if each.process == "sshd" and each.is_public]
    found += [f"sshd at {each.address} alone" for each in shells if not each.is_wildcard]
    return tuple(found)


def _first_line(source: Source, path: str) -> str:
    try:
        lines = source.text(path).split("\n")
    except FileNotFoundError:
        return ""
    return next((line.strip() for line in lines if line.strip()), "")


def _rehearsed(source: Source) -> str:
    try:
        stored = json.loads(source.text(REHEARSAL)[:_LONGEST_NOTE])
    except FileNotFoundError:
        return ""
    at = stored.get("at") if isinstance(stored, dict) else None
    return at if isinstance(at, str) else ""


def _try(read: Callable[[], T]) -> T | Unread:
    try:
        return read()
    except UnreadError as error:
        return Unread(str(error))
    except OSError as error:
        return Unread(f"{error.filename or 'the system'}: {_word(error)}")
    except ValueError as error:
        return Unread(f"not as expected: {error}")


def _word(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
