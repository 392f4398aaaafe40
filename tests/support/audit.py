"""A machine without a finding, what makes it fail or pass each check, and pairs of settings."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from floodwall.audit.facts import (
    Card,
    Facts,
    Line,
    Listening,
    Persisted,
    Release,
    Scope,
    Site,
    Unread,
)
from floodwall.audit.reader import WATCHED

Change = Callable[[Facts], Facts]

BASE: Final = {
    "net.core.message_cost": "5",
    "net.core.netdev_max_backlog": "1000",
    "net.core.somaxconn": "4096",
    "net.ipv4.conf.all.accept_source_route": "0",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.eth0.accept_source_route": "1",
    "net.ipv4.conf.eth0.rp_filter": "1",
    "net.ipv4.conf.eth1.accept_source_route": "1",
    "net.ipv4.conf.eth1.rp_filter": "1",
    "net.ipv4.ip_forward": "0",
    "net.ipv4.tcp_abort_on_overflow": "0",
    "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_max_orphans": "8192",
    "net.ipv4.tcp_max_syn_backlog": "8192",
    "net.ipv4.tcp_rfc1337": "1",
    "net.ipv4.tcp_sack": "1",
    "net.ipv4.tcp_syn_retries": "6",
    "net.ipv4.tcp_synack_retries": "3",
    "net.ipv4.tcp_syncookies": "1",
    "net.ipv4.tcp_timestamps": "1",
    "net.ipv4.tcp_window_scaling": "1",
    "net.netfilter.nf_conntrack_buckets": "65536",
    "net.netfilter.nf_conntrack_count": "9",
    "net.netfilter.nf_conntrack_max": "262144",
    "net.netfilter.nf_conntrack_tcp_loose": "1",
    "net.netfilter.nf_conntrack_tcp_timeout_syn_recv": "60",
}
WEB: Final = Listening("0.0.0.0", 443, 4096, "nginx", 7)
SHELL: Final = Listening("192.0.2.9", 22, 128, "sshd", 5)
CARD: Final = Card("eth0", "ixgbe", receive_queues=8, irq_cpus=8, lro=False)
STATEFUL: Final = "table inet filter {\n ct state established accept\n}\n"
SYNPROXY: Final = "table inet filter {\n tcp dport 443 synproxy mss 1460\n}\n"


def machine() -> Facts:
    """Return a machine on which every check passes or is not applicable."""
    return Facts(
        release=Release(6, 18, "6.18.1"),
        here=Scope("", dict(BASE), (WEB, SHELL)),
        persisted=Persisted(
            {
                name: Line(name, BASE[name], "/etc/sysctl.d/50-a.conf", 1)
                for name in ("net.ipv4.tcp_synack_retries", "net.ipv4.tcp_rfc1337")
            }
        ),
        cards=(CARD,),
        memory_bytes=16 << 30,
        cpus=8,
        processes=frozenset({"nginx", "chronyd"}),
        site=Site("chronyd", ("/dev/ipmi0",), "Example Net", "2026-05-01T10:00:00Z"),
    )


def blind() -> Facts:
    """Return a machine of which nothing could be read."""
    no = Unread("permission denied")
    scope = Scope("", dict.fromkeys((*BASE, *WATCHED), no), no)
    return Facts(no, scope, no, no, no, no, no, no, no, Site(no, no, no, no))


def sysctl(changes: Mapping[str, str | None]) -> Change:
    """Set sysctls, None takes one away; names without their first parts."""

    def change(facts: Facts) -> Facts:
        now = dict(facts.here.sysctls)
        for short, value in changes.items():
            name = _name(short)
            if value is None:
                now.pop(name, None)
            else:
                now[name] = value
        return replace(facts, here=replace(facts.here, sysctls=now))

    return change


def listening(*listeners: Listening) -> Change:
    """Let others listen."""
    return lambda facts: replace(facts, here=replace(facts.here, listeners=listeners))


def facts_with(**changes: Any) -> Change:
    """Change facts by name."""
    return lambda facts: replace(facts, **changes)


def site(**changes: Any) -> Change:
    """Change what stands around the machine."""
    return lambda facts: replace(facts, site=replace(facts.site, **changes))


def card(**changes: Any) -> Change:
    """Change the network card."""
    return lambda facts: replace(facts, cards=(replace(CARD, **changes),))


def lines(**changes: Any) -> Change:
    """Change what the files say."""
    return lambda facts: replace(facts, persisted=replace(Persisted(), **changes))


def container(**changes: str) -> Change:
    """Add a container in which nginx listens."""
    inside = BASE | {_name(short): value for short, value in changes.items()}
    scope = Scope("web", inside, (Listening("0.0.0.0", 80, 4096, "nginx"),))
    return lambda facts: replace(facts, others=(scope,))


def both(*changes: Change) -> Change:
    """Make several changes."""

    def change(facts: Facts) -> Facts:
        for each in changes:
            facts = each(facts)
        return facts

    return change


def line(name: str, value: str, file: str = "/etc/sysctl.d/90-hardening.conf") -> Line:
    """Return a line of a file."""
    return Line(_name(name), value, file, 3)


def _name(short: str) -> str:
    if short.startswith("net."):
        return short
    if short.startswith("nf_"):
        return f"net.netfilter.{short}"
    return f"net.core.{short}" if f"net.core.{short}" in BASE else f"net.ipv4.{short}"


PASSING: Final[dict[str, Change]] = {
    "tw-recycle": both(
        facts_with(release=Release(3, 10, "3.10.0")), sysctl({"tcp_tw_recycle": "0"})
    ),
    "cpu-backlog": card(rps_cpus=4),
}
"""Checks that are about something which the machine above has not."""

FAILING: Final[dict[str, Change]] = {
    "syncookies": sysctl({"tcp_syncookies": "0"}),
    "cookies-at-boot": lines(winners={_name("tcp_syncookies"): line("tcp_syncookies", "0")}),
    "cookie-timestamps": sysctl({"tcp_timestamps": "0"}),
    "tcp-options": sysctl({"tcp_sack": "0"}),
    "cookies-behind": both(sysctl({"ip_forward": "1"}), facts_with(rules="dnat to 10.0.0.1")),
    "listener-backlog": listening(replace(WEB, backlog=5)),
    "half-open-room": sysctl({"tcp_syncookies": "0", "tcp_synack_retries": "5"}),
    "syn-backlog": sysctl({"tcp_syncookies": "0", "tcp_max_syn_backlog": "128"}),
    "somaxconn": sysctl({"somaxconn": "128"}),
    "queue-memory": facts_with(memory_bytes=16 << 20),
    "synack-retries": sysctl({"tcp_synack_retries": "6"}),
    "syn-retries": sysctl({"tcp_syn_retries": "1"}),
    "abort-on-overflow": sysctl({"tcp_abort_on_overflow": "1"}),
    "rfc1337": sysctl({"tcp_rfc1337": "0"}),
    "fin-timeout": sysctl({"tcp_fin_timeout": "3"}),
    "orphans": sysctl({"tcp_max_orphans": "1048576"}),
    "tw-recycle": sysctl({"tcp_tw_recycle": "1"}),
    "conntrack-size": sysctl({"nf_conntrack_count": "262000"}),
    "conntrack-buckets": sysctl({"nf_conntrack_buckets": "16384"}),
    "conntrack-loose": both(sysctl({"nf_conntrack_tcp_loose": "0"}), facts_with(rules=STATEFUL)),
    "stateful-in-front": facts_with(rules=STATEFUL),
    "syn-flag-rule": facts_with(rules="tcp flags & (syn) != syn ct state new drop"),
    "reverse-path": sysctl({"conf.eth0.rp_filter": "0"}),
    "source-route": sysctl({"conf.all.accept_source_route": "1"}),
    "cpu-backlog": both(card(rps_cpus=4), sysctl({"netdev_max_backlog": "300"})),
    "needless-listeners": listening(WEB, Listening("::", 6379, 511, "redis-server")),
    "shared-address": listening(WEB, Listening("0.0.0.0", 25, 4096, "master")),
    "namespaces": container(tcp_syncookies="0"),
    "xdp-driver": card(driver="r8169"),
    "xdp-lro": card(lro=True),
    "xdp-mtu": both(card(mtu=9000), facts_with(release=Release(5, 10, "5.10"))),
    "receive-queues": card(receive_queues=1),
    "interrupt-spread": card(irq_cpus=1),
    "other-xdp": card(xdp="katran"),
    "tuners": facts_with(processes=frozenset({"bpftune"})),
    "managers": facts_with(processes=frozenset({"fail2ban-server"})),
    "contradicting-baseline": lines(lines=(line("tcp_timestamps", "0"),)),
    "boot-values": lines(winners={_name("somaxconn"): line("somaxconn", "128")}),
    "idle-files": lines(idle=(line("tcp_syncookies", "1", "/etc/sysctl.conf"),)),
    "overruled-lines": lines(
        winners={_name("somaxconn"): line("somaxconn", "4096")},
        overruled=(line("somaxconn", "128", "/etc/sysctl.d/10-x.conf"),),
    ),
    "broken-lines": lines(broken=("/etc/sysctl.d/x.conf:2",)),
    "log-blindness": sysctl({"tcp_syncookies": "2"}),
    "clock": site(clock=""),
    "management": site(management=()),
    "provider-contact": site(contact=""),
    "rehearsal": site(rehearsed=""),
}
"""What makes each check fail."""

PAIRS: Final[dict[tuple[str, str], tuple[Change, Change]]] = {
    ("half-open-room", "syncookies"): (
        sysctl({"tcp_synack_retries": "5"}),
        sysctl({"tcp_syncookies": "0"}),
    ),
    ("half-open-room", "synack-retries"): (
        both(sysctl({"tcp_syncookies": "0", "tcp_synack_retries": "0"}), listening(WEB)),
        sysctl({"tcp_synack_retries": "5"}),
    ),
    ("half-open-room", "listener-backlog"): (
        both(sysctl({"tcp_syncookies": "0", "tcp_synack_retries": "0"}), listening(WEB)),
        listening(replace(WEB, backlog=5)),
    ),
    ("syn-backlog", "syncookies"): (
        sysctl({"tcp_max_syn_backlog": "128"}),
        sysctl({"tcp_syncookies": "0"}),
    ),
    ("syncookies", "rules"): (
        both(sysctl({"tcp_syncookies": "2"}), facts_with(rules=SYNPROXY)),
        facts_with(rules=""),
    ),
    ("cookie-timestamps", "syncookies"): (
        sysctl({"tcp_timestamps": "0", "tcp_syncookies": "0"}),
        sysctl({"tcp_syncookies": "1"}),
    ),
    ("cookie-timestamps", "rules"): (
        sysctl({"tcp_timestamps": "0", "tcp_syncookies": "0"}),
        facts_with(rules=SYNPROXY),
    ),
    ("cookies-behind", "rules"): (
        both(sysctl({"ip_forward": "1"}), facts_with(rules=SYNPROXY)),
        facts_with(rules="dnat to 10.0.0.1"),
    ),
    ("synack-retries", "syncookies"): (
        sysctl({"tcp_synack_retries": "5"}),
        sysctl({"tcp_syncookies": "0"}),
    ),
    ("tw-recycle", "cookie-timestamps"): (
        sysctl({"tcp_tw_recycle": "1", "tcp_timestamps": "0"}),
        sysctl({"tcp_timestamps": "1"}),
    ),
    ("conntrack-size", "rules"): (
        sysctl({"nf_conntrack_max": "4096"}),
        facts_with(rules=STATEFUL),
    ),
    ("conntrack-buckets", "conntrack-size"): (
        sysctl({"nf_conntrack_buckets": "16384", "nf_conntrack_max": "65536"}),
        sysctl({"nf_conntrack_max": "1048576"}),
    ),
    ("conntrack-loose", "rules"): (both(), facts_with(rules=SYNPROXY)),
    ("reverse-path", "cookies-behind"): (both(), sysctl({"ip_forward": "1"})),
    ("cpu-backlog", "receive-queues"): (
        both(sysctl({"netdev_max_backlog": "300"}), card(rps_cpus=0)),
        card(rps_cpus=4),
    ),
    ("interrupt-spread", "receive-queues"): (
        card(receive_queues=1, irq_cpus=1),
        card(receive_queues=8, irq_cpus=1),
    ),
    ("contradicting-baseline", "rules"): (
        both(lines(lines=(line("nf_conntrack_tcp_loose", "0"),)), facts_with(rules=SYNPROXY)),
        facts_with(rules=""),
    ),
    ("log-blindness", "syncookies"): (both(), sysctl({"tcp_syncookies": "2"})),
}
"""For each interaction: a machine that is well, and what the other setting alone makes of it."""
