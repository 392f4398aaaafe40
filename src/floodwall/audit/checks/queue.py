"""Queues of half-open and of finished connections: what limits them, and what breaks them."""

from collections.abc import Iterator
from typing import Final

from floodwall.audit.arithmetic import (
    COOKIES,
    REQUEST_BYTES,
    RETRIES,
    SOMAXCONN,
    SYN_BACKLOG,
    breaking_rate,
    slots,
)
from floodwall.audit.check import (
    Check,
    Interaction,
    Outcome,
    Severity,
    finding,
    in_each_namespace,
    passed,
)
from floodwall.audit.facts import Facts, Listening, Scope, known

_LEAST_BACKLOG = 128
"""SOMAXCONN of the C library's header; programs that give less chose it on purpose."""

_LEAST_SOMAXCONN = 1024
_LEAST_RATE = 1000
"""SYN/s that one home line sends with ease: 60 bytes each are half a megabit."""

_MOST_SHARE = 0.05


def _public(scope: Scope) -> list[Listening]:
    return [each for each in known(scope.listeners) if each.is_public and each.backlog is not None]


def _backlogs(scope: Scope, _: Facts) -> Iterator[Outcome]:
    for each in _public(scope):
        backlog = each.backlog or 0
        if backlog < _LEAST_BACKLOG:
            yield finding(f"listen() was called with {backlog}", each.name, fix=_raise(each))
        else:
            yield passed(f"backlog {backlog}", each.name)


def _raise(each: Listening) -> str:
    how = {
        "nginx": "listen 80 backlog=4096; in nginx.conf",
        "apache2": "ListenBacklog 4096",
        "httpd": "ListenBacklog 4096",
        "redis-server": "tcp-backlog 4096 in redis.conf",
        "haproxy": "backlog 4096 in the frontend",
    }.get(each.process, "raise the backlog in its configuration")
    return f"{each.process or 'the program'}: {how}; then restart it"


def _room(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    release = known(facts.release)
    retries, cookies = scope.number(RETRIES), scope.number(COOKIES)
    for each in _public(scope):
        room, limit = slots(each.backlog or 0, scope, release)
        rate, arithmetic = breaking_rate(room, retries, release)
        text = f"room for {room} half-open, limited by {limit}; {arithmetic} fill it"
        if cookies:
            yield passed(f"{text}, and then cookies answer", each.name)
        elif rate < _LEAST_RATE:
            yield finding(f"{text}, and cookies are off", each.name)
        else:
            yield passed(text, each.name)


def _syn_backlog(scope: Scope, facts: Facts) -> Iterator[Outcome]:
    value, cookies = scope.number(SYN_BACKLOG), scope.number(COOKIES)
    modern = known(facts.release).since(4, 4)
    wanted = max((each.backlog or 0 for each in _public(scope)), default=_LEAST_BACKLOG)
    if modern and cookies:
        yield passed(f"{value}; not looked at on this kernel while cookies are on")
    elif (value * 3 // 4 if modern else value) >= wanted:
        yield passed(f"{value} leaves room for the largest backlog, {wanted}")
    else:
        share = "three quarters of it are" if modern else "it is"
        text = f"{value}: {share} less than the largest backlog, {wanted}"
        yield finding(text, fix=f"sysctl -w {SYN_BACKLOG}={max(wanted * 4 // 3 + 1, 4096)}")


def _somaxconn(scope: Scope, _: Facts) -> Iterator[Outcome]:
    value = scope.number(SOMAXCONN)
    cut = [each for each in _public(scope) if each.backlog == value]
    whom = ", ".join(sorted({each.name for each in cut})[:4])
    if value >= _LEAST_SOMAXCONN:
        yield passed(f"{value}")
    elif whom:
        yield finding(f"{value} cuts what these asked for, or may: {whom}")
    else:
        yield finding(f"{value} is the most that any listener can have")


def _memory(facts: Facts) -> Iterator[Outcome]:
    total = known(facts.memory_bytes)
    entries = sum(each.backlog or 0 for scope in facts.scopes() for each in _public(scope))
    need = entries * REQUEST_BYTES
    text = (
        f"{entries} places x {REQUEST_BYTES} bytes = {need / 1e6:.1f} MB "
        f"of {total / 1e6:.0f} MB of memory"
    )
    if need > total * _MOST_SHARE:
        yield finding(text)
    else:
        yield passed(text)


CHECKS: Final = (
    Check(
        id="listener-backlog",
        title="Each public listener has a backlog that a burst does not fill",
        severity=Severity.MEDIUM,
        reads=("ss -ltnp",),
        expected=f"at least {_LEAST_BACKLOG} for each listener that others can reach",
        why="The backlog limits finished connections that wait for accept(), and on kernels from "
        "4.4 on half-open ones too; with 5, six clients at once look like a flood.",
        source="listen(2); inet_csk_listen_start(); RFC 4987 section 3.2",
        kernels="all",
        fix="raise the backlog in the program's configuration and restart it",
        judge=in_each_namespace(_backlogs),
    ),
    Check(
        id="half-open-room",
        title="The queue of half-open connections outlasts a small flood",
        severity=Severity.HIGH,
        reads=(COOKIES, RETRIES, SYN_BACKLOG, SOMAXCONN, "ss -ltnp"),
        expected=f"cookies on, or room for {_LEAST_RATE} SYN/s",
        why="Entries divided by their lifetime is the flood that locks everybody out: 512 entries "
        "that stay 63 s are full at 8 SYN/s.",
        source="RFC 4987 sections 2 and 3.2; tcp_conn_request(), inet_csk_reqsk_queue_is_full()",
        kernels="all; from 4.4 on the backlog alone limits it, before that tcp_max_syn_backlog too",
        fix=f"sysctl -w {COOKIES}=1",
        judge=in_each_namespace(_room),
        interactions=(
            Interaction("syncookies", "with cookies a full queue turns nobody away"),
            Interaction("synack-retries", "fewer retries free entries sooner"),
            Interaction("listener-backlog", "the backlog is the number of entries"),
        ),
    ),
    Check(
        id="syn-backlog",
        title="tcp_max_syn_backlog does not cut the queue where it counts",
        severity=Severity.MEDIUM,
        reads=(SYN_BACKLOG, COOKIES),
        expected="from 4.4 on: anything while cookies are on, else 4/3 of the largest backlog; "
        "before 4.4: at least the largest backlog",
        why="It is the setting that everybody raises and that mostly does nothing: since 4.4 it "
        "counts only without cookies, where its last quarter is kept for known peers.",
        source="tcp_conn_request(); reqsk_queue_alloc() before 4.4",
        kernels="all, by different rules before and from 4.4",
        fix=f"sysctl -w {SYN_BACKLOG}=4096",
        judge=in_each_namespace(_syn_backlog),
        interactions=(Interaction("syncookies", "from 4.4 on it counts only while they are off"),),
    ),
    Check(
        id="somaxconn",
        title="somaxconn does not cut the backlogs of listeners",
        severity=Severity.MEDIUM,
        reads=(SOMAXCONN,),
        expected=f"at least {_LEAST_SOMAXCONN}",
        why="listen(4096) silently becomes listen(somaxconn); the default was 128 until 5.4.",
        source="__sys_listen(); Documentation/networking/ip-sysctl.rst",
        kernels="all; default 4096 from 5.4 on",
        fix=f"sysctl -w {SOMAXCONN}=4096, then restart the programs that listen",
        judge=in_each_namespace(_somaxconn),
    ),
    Check(
        id="queue-memory",
        title="Full queues fit into memory",
        severity=Severity.LOW,
        reads=("/proc/meminfo", "ss -ltnp"),
        expected=f"all places of all queues take less than {_MOST_SHARE:.0%} of memory",
        why="A half-open connection costs about 300 bytes of kernel memory; backlogs are promises.",
        source="struct tcp_request_sock; RFC 4987 section 3.2",
        kernels="4.4 and later; before that an entry takes less",
        fix="lower the backlogs of listeners that do not need them",
        judge=_memory,
    ),
)
