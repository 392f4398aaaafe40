"""Connection tracking in front of a flooded port: its table, and what it does to cookies."""

import re
from collections.abc import Iterator
from typing import Final

from floodwall.audit.check import (
    Check,
    Interaction,
    Outcome,
    Severity,
    finding,
    in_each_namespace,
    passed,
)
from floodwall.audit.checks.cookies import has_synproxy
from floodwall.audit.facts import Facts, Scope, known

MAX = "net.netfilter.nf_conntrack_max"
COUNT = "net.netfilter.nf_conntrack_count"
BUCKETS = "net.netfilter.nf_conntrack_buckets"
LOOSE = "net.netfilter.nf_conntrack_tcp_loose"
SYN_RECV = "net.netfilter.nf_conntrack_tcp_timeout_syn_recv"
_STATEFUL = re.compile(r"\bct state\b|--ctstate\b|-m state\b")
_NOTRACK = re.compile(r"\bnotrack\b", re.IGNORECASE)
_SYN_ONLY = re.compile(r"tcp flags[^\n]*syn[^\n]*ct state new|! --syn[^\n]*(?:NEW|DROP)")
_LONGEST_RULE = 1000
_FULL = 0.8
_LEAST = 65536
_ENTRY_BYTES = 384
"""The slab's object in 6.18, 256, and the first block of extensions, NF_CT_EXT_PREALLOC, 128."""
_LONGEST_CHAIN = 8


def _size(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    most, count, stay = scope.number(MAX), scope.number(COUNT), scope.number(SYN_RECV)
    rate = most // max(stay, 1)
    text = (
        f"{count} of {most} entries; {most} / {stay} s = {rate} SYN/s fill it, "
        f"with {most * _ENTRY_BYTES / 1e6:.0f} MB"
    )
    if count > most * _FULL:
        yield finding(f"{text}; it is nearly full now")
    elif most < _LEAST and _is_stateful(facts):
        yield finding(text)
    else:
        yield passed(text)


def _is_stateful(facts: Facts) -> bool:
    return bool(_STATEFUL.search(known(facts.rules)))


def _buckets(facts: Facts) -> Iterator[Outcome]:
    most, buckets = facts.here.number(MAX), facts.here.number(BUCKETS)
    chain = most / max(buckets, 1)
    text = f"{most} entries in {buckets} buckets: chains of {chain:.1f} when it is full"
    yield finding(text) if chain > _LONGEST_CHAIN else passed(text)


def _loose(facts: Facts) -> Iterator[Outcome]:
    value = facts.here.number(LOOSE)
    proxy = has_synproxy(facts)
    if proxy is None:
        known(facts.rules)
    if proxy and value:
        yield finding(
            f"{value}, and synproxy: a forged ACK makes an entry without a handshake",
            fix=f"sysctl -w {LOOSE}=0",
        )
    elif not proxy and not value and _is_stateful(facts):
        yield finding(
            "0 without synproxy: a client that a cookie let in is invalid to the stateful rules",
            fix=f"sysctl -w {LOOSE}=1",
        )
    else:
        yield passed(f"{value}, {'with' if proxy else 'without'} synproxy")


def _in_front(facts: Facts) -> Iterator[Outcome]:
    rules = known(facts.rules)
    if not _STATEFUL.search(rules):
        yield passed("no rule asks for the state of a connection")
    elif _NOTRACK.search(rules):
        yield passed("stateful rules, and notrack for some packets before them")
    else:
        yield finding("stateful rules: each forged SYN makes an entry before any listener sees it")


def _syn_flag(facts: Facts) -> Iterator[Outcome]:
    lines = known(facts.rules).splitlines()
    if any(_SYN_ONLY.search(line[:_LONGEST_RULE]) for line in lines):
        yield finding("a rule drops new connections that do not begin with SYN")
    else:
        yield passed("no rule asks new connections for a SYN")


CHECKS: Final = (
    Check(
        id="conntrack-size",
        title="The table of connections outlasts a flood",
        severity=Severity.HIGH,
        reads=(MAX, COUNT, SYN_RECV, "nft -t list ruleset"),
        expected=f"below {_FULL:.0%} full; at least {_LEAST} where rules are stateful",
        why="A full table drops packets of everybody, at every port.",
        source="nf_conntrack_alloc(); Documentation/networking/nf_conntrack-sysctl.rst",
        kernels="all with nf_conntrack",
        fix=f"sysctl -w {MAX}=262144",
        judge=in_each_namespace(_size),
        interactions=(Interaction("rules", "without stateful rules a small table does no harm"),),
    ),
    Check(
        id="conntrack-buckets",
        title="The table of connections has short chains",
        severity=Severity.LOW,
        reads=(MAX, BUCKETS),
        expected=f"at most {_LONGEST_CHAIN} entries a bucket when it is full",
        why="Whoever raises nf_conntrack_max alone makes each look-up walk a longer list.",
        source="Documentation/networking/nf_conntrack-sysctl.rst",
        kernels="all with nf_conntrack; buckets can be set at run time from 4.7 on",
        fix=f"sysctl -w {BUCKETS}=65536, or hashsize of the module before 4.7",
        judge=_buckets,
        interactions=(Interaction("conntrack-size", "the size alone does not tell the chains"),),
    ),
    Check(
        id="conntrack-loose",
        title="Picking up connections in the middle fits what stands in front",
        severity=Severity.MEDIUM,
        reads=(LOOSE, "nft -t list ruleset"),
        expected="0 with synproxy, 1 otherwise",
        why="synproxy relies on the table alone, so an ACK must not make an entry. Without it, "
        "whoever was let in by a cookie from the driver is seen by the table from its ACK on.",
        source="nft(8), synproxy statement; tcp_new() in nf_conntrack_proto_tcp.c",
        kernels="all with nf_conntrack",
        fix=f"sysctl -w {LOOSE}=1",
        judge=_loose,
        interactions=(Interaction("rules", "with synproxy 0 is right, without it 1"),),
    ),
    Check(
        id="stateful-in-front",
        title="A flooded port is not tracked",
        severity=Severity.LOW,
        reads=("nft -t list ruleset", "iptables-save"),
        expected="no stateful rules, or notrack for public ports",
        why="To track a forged SYN costs more than the SYN: an entry, a timer, a place in a table "
        "that is shared with every other port.",
        source="nft(8), notrack statement; conntrack is a hook before the listener",
        kernels="all",
        fix="add 'tcp dport { 80, 443 } notrack' in a prerouting chain with priority raw",
        judge=_in_front,
    ),
    Check(
        id="syn-flag-rule",
        title="No rule turns away clients that a cookie let in",
        severity=Severity.MEDIUM,
        reads=("nft -t list ruleset", "iptables-save"),
        expected="no rule that drops new connections without SYN flag",
        why="Of a client that was challenged in the driver, connection tracking sees the ACK "
        "first; the old rule 'new but not SYN: drop' stops it.",
        source="tcp_new() in nf_conntrack_proto_tcp.c",
        kernels="all",
        fix="take the rule out: a listener answers such packets with a reset anyway",
        judge=_syn_flag,
    ),
)
