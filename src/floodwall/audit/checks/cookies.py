"""SYN cookies, and what they need and cost."""

import re
from collections.abc import Iterator
from typing import Final

from floodwall.audit.arithmetic import COOKIES
from floodwall.audit.check import (
    Check,
    Interaction,
    Outcome,
    Severity,
    finding,
    in_each_namespace,
    passed,
)
from floodwall.audit.facts import AbsentError, Facts, Scope, Unread, UnreadError, known

TIMESTAMPS = "net.ipv4.tcp_timestamps"
SACK = "net.ipv4.tcp_sack"
SCALING = "net.ipv4.tcp_window_scaling"
FORWARD = "net.ipv4.ip_forward"
FORWARD6 = "net.ipv6.conf.all.forwarding"
_SYNPROXY = re.compile(r"\bsynproxy\b", re.IGNORECASE)
_NAT = re.compile(r"\b(?:dnat|redirect|DNAT|REDIRECT)\b")


def has_synproxy(facts: Facts) -> bool | None:
    """Tell whether the rules answer handshakes for others; None if nobody may see the rules."""
    return None if isinstance(facts.rules, Unread) else bool(_SYNPROXY.search(facts.rules))


def _syncookies(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    try:
        value = scope.number(COOKIES)
    except AbsentError:
        if scope.name:
            raise
        yield finding(
            "this kernel was built without SYN cookies",
            fix="boot a kernel with CONFIG_SYN_COOKIES=y",
        )
        return
    proxy = has_synproxy(facts)
    if value == 0:
        yield finding("0: a queue that is full turns everybody away")
    elif value == 1:
        yield passed("1: cookies answer as soon as a queue is full")
    elif proxy:
        yield passed("2: cookies always, as a set-up with synproxy wants it")
    elif proxy is None:
        yield passed("2: cookies always; whether a synproxy wants that could not be seen")
    else:
        yield finding(
            "2: every connection pays for cookies, and there is no synproxy that needs it",
            severity=Severity.LOW,
        )


def _timestamps(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    value, cookies = scope.number(TIMESTAMPS), scope.number(COOKIES)
    if value:
        yield passed(f"{value}: window scale and SACK of a cookie travel in the timestamp")
    elif has_synproxy(facts):
        yield finding("0, and synproxy keeps window scale and SACK in the timestamp")
    elif cookies:
        yield finding("0: a connection that a cookie made has neither window scale nor SACK")
    else:
        yield passed("0: no cookie needs them, for cookies are off")


def _options(scope: Scope, _: Facts) -> Iterator[Outcome]:
    off = [name for name in (SACK, SCALING) if scope.number(name) == 0]
    if off:
        fix = " ".join(f"{name}=1" for name in off)
        yield finding(f"off: {', '.join(off)}", fix=f"sysctl -w {fix}")
    else:
        yield passed("window scale and SACK are on")


def _behind(facts: Facts) -> Iterator[Outcome]:
    if facts.here.number(FORWARD) == 0 and not _forwards6(facts.here):
        yield passed("this machine forwards nothing")
        return
    rules = known(facts.rules)
    if _SYNPROXY.search(rules):
        yield passed("forwards, and synproxy answers handshakes for those behind")
    elif _NAT.search(rules):
        yield finding("forwards and translates: what is behind it is not protected by its cookies")
    else:
        yield finding(
            "forwards: cookies protect only listeners of this machine", severity=Severity.LOW
        )


def _forwards6(scope: Scope) -> bool:
    """Tell whether IPv6 is forwarded; without IPv6 there is no such sysctl."""
    return FORWARD6 in scope.sysctls and scope.number(FORWARD6) != 0


def _boot(facts: Facts) -> Iterator[Outcome]:
    try:
        line = known(facts.persisted).winners.get(COOKIES)
    except UnreadError as error:
        raise UnreadError(f"sysctl files: {error}") from None
    if line is None:
        yield passed("no file changes it at boot; the kernel's default is 1")
    elif line.value == "0":
        yield finding(f"{line.place} switches them off at the next boot", line.place)
    else:
        yield passed(f"{line.place} sets {line.value} at boot")


CHECKS: Final = (
    Check(
        id="syncookies",
        title="SYN cookies are on",
        severity=Severity.CRITICAL,
        reads=(COOKIES, "nft -t list ruleset"),
        expected="1; 2 only where a synproxy needs it",
        why="They are what lets a listener answer when its queue is full of forged requests.",
        source="RFC 4987 section 3.6; tcp_conn_request(), want_cookie",
        kernels="all with CONFIG_SYN_COOKIES; value 2 from 3.12 on",
        fix=f"sysctl -w {COOKIES}=1",
        judge=in_each_namespace(_syncookies),
        interactions=(Interaction("rules", "a synproxy wants 2, without one 2 is a cost"),),
    ),
    Check(
        id="cookies-at-boot",
        title="No file switches SYN cookies off at the next boot",
        severity=Severity.HIGH,
        reads=(COOKIES, "/etc/sysctl.d"),
        expected="no line, or 1",
        why="Cookies that were switched on during an attack are gone after the next reboot.",
        source="sysctl.d(5), systemd-sysctl(8)",
        kernels="all",
        fix="floodwall harden, or take the line out",
        judge=_boot,
    ),
    Check(
        id="cookie-timestamps",
        title="TCP timestamps are on where cookies may be sent",
        severity=Severity.MEDIUM,
        reads=(TIMESTAMPS, COOKIES),
        expected="1 (or 2) while cookies are on",
        why="A cookie has no room for window scale and SACK; the kernel puts them into the "
        "timestamp. Baselines that switch timestamps off slow down every challenged client.",
        source="RFC 7323; RFC 4987 section 3.6; cookie_init_timestamp()",
        kernels="2.6.26 and later",
        fix=f"sysctl -w {TIMESTAMPS}=1",
        judge=in_each_namespace(_timestamps),
        interactions=(
            Interaction("syncookies", "without cookies nothing is lost by 0"),
            Interaction("rules", "synproxy needs timestamps whatever tcp_syncookies is"),
        ),
    ),
    Check(
        id="tcp-options",
        title="Window scale and SACK are on",
        severity=Severity.LOW,
        reads=(SACK, SCALING),
        expected="1 and 1",
        why="Without them a window has 64 KiB at most and each loss costs a round trip; neither "
        "defends against SYN floods. Fixed kernels need no SACK switched off.",
        source="RFC 7323, RFC 2018; Documentation/networking/ip-sysctl.rst",
        kernels="all",
        fix=f"sysctl -w {SACK}=1 {SCALING}=1",
        judge=in_each_namespace(_options),
    ),
    Check(
        id="cookies-behind",
        title="Who is behind this gateway is protected, too",
        severity=Severity.HIGH,
        reads=(FORWARD, FORWARD6, "nft -t list ruleset"),
        expected="no forwarding, or a synproxy in front of what is forwarded",
        why="Cookies are made by the listener's own stack; a gateway passes the flood on.",
        source="RFC 4987 section 3.6; nft(8), synproxy statement",
        kernels="synproxy: 3.12 (iptables), 5.3 (nftables)",
        fix="protect the hosts behind it, or put a synproxy rule in front of them",
        judge=_behind,
        interactions=(Interaction("rules", "synproxy answers for those behind"),),
    ),
)
