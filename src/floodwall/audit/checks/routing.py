"""Packets with sources that cannot be: what routing drops before any queue."""

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
from floodwall.audit.checks.cookies import FORWARD
from floodwall.audit.facts import AbsentError, Facts, Scope, Unread, known

_CONF = "net.ipv4.conf."
_ALL = frozenset({"all", "default", "lo"})


def _rp_filter(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    whole = scope.number(f"{_CONF}all.rp_filter")
    forwards = scope.number(FORWARD) != 0
    cards = [(name, max(value, whole)) for name, value in scope.matching(_CONF, ".rp_filter")]
    idle = set() if scope.name else _down(facts)
    real = [(name, value) for name, value in cards if name not in _ALL | idle]
    for name, value in real:
        if value == 0:
            fix = f"sysctl -w {_CONF}all.rp_filter={2 if forwards else 1}"
            yield finding("0: forged packets from inside addresses are taken", name, fix=fix)
        elif value == 1 and forwards and len(real) > 1:
            yield finding(
                "1 on a router with several ways: replies that come another way are dropped",
                name,
                fix=f"sysctl -w {_CONF}all.rp_filter=2",
                severity=Severity.LOW,
            )
        else:
            yield passed(f"{value}: {'strict' if value == 1 else 'loose'}", name)


def _down(facts: Facts) -> set[str]:
    cards = () if isinstance(facts.cards, Unread) else facts.cards
    return {card.name for card in cards if not card.up}


def _source_route(scope: Scope, _: Facts) -> Iterator[Outcome]:
    if scope.number(f"{_CONF}all.accept_source_route") == 0:
        yield passed("0 for all interfaces")
        return
    on = [name for name, value in scope.matching(_CONF, ".accept_source_route") if value]
    cards = sorted(set(on) - _ALL)
    if cards:
        yield finding(f"taken at {', '.join(cards)}")
    else:
        yield passed("0 at every interface")


def _backlog_of_cards(facts: Facts) -> Iterator[Outcome]:
    value, cpus = facts.here.number("net.core.netdev_max_backlog"), known(facts.cpus)
    rps = [card.name for card in known(facts.cards) if card.rps_cpus]
    if not rps:
        raise AbsentError("no packet is handed to another CPU (RPS is off)")
    if value < 1000:
        yield finding(f"{value} packets a CPU, and RPS at {', '.join(rps)} on {cpus} CPUs")
    else:
        yield passed(f"{value} packets a CPU")


CHECKS: Final = (
    Check(
        id="reverse-path",
        title="Packets whose source cannot come from there are dropped",
        severity=Severity.MEDIUM,
        reads=(f"{_CONF}all.rp_filter", f"{_CONF}*.rp_filter", FORWARD),
        expected="1, or 2 on routers and where traffic takes two ways; the larger of all and "
        "the interface counts",
        why="It takes away forged sources from our own networks and from nowhere; the rest of the "
        "internet stays forgeable. IPv6 has no such sysctl: use a rule with fib.",
        source="RFC 3704; RFC 4987 section 3.1; ip_rt_validate_source()",
        kernels="2 from 2.6.31 on",
        fix=f"sysctl -w {_CONF}all.rp_filter=1",
        judge=in_each_namespace(_rp_filter),
        interactions=(Interaction("cookies-behind", "on a router with two ways strict is wrong"),),
    ),
    Check(
        id="source-route",
        title="No sender chooses the way of its packets",
        severity=Severity.LOW,
        reads=(f"{_CONF}all.accept_source_route", f"{_CONF}*.accept_source_route"),
        expected="0 for all, or at each interface",
        why="A source route brings the answer to a forged SYN to whoever forged it.",
        source="RFC 7126 section 4.3; IN_DEV_SOURCE_ROUTE(): both must be 1",
        kernels="all",
        fix=f"sysctl -w {_CONF}all.accept_source_route=0",
        judge=in_each_namespace(_source_route),
    ),
    Check(
        id="cpu-backlog",
        title="Packets that RPS hands over find room",
        severity=Severity.LOW,
        reads=("net.core.netdev_max_backlog", "/sys/class/net"),
        expected="at least 1000 where RPS is on",
        why="With RPS each packet waits in a queue of its CPU; what finds no room is dropped "
        "before the firewall or a listener sees it.",
        source="enqueue_to_backlog(); Documentation/networking/scaling.rst",
        kernels="2.6.35 and later",
        fix="sysctl -w net.core.netdev_max_backlog=4096",
        judge=_backlog_of_cards,
        interactions=(Interaction("receive-queues", "without RPS this queue is not used"),),
    ),
)
