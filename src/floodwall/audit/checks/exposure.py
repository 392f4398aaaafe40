"""What can be attacked at all, and what falls with it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from floodwall.audit.check import Check, Outcome, Severity, finding, in_each_namespace, passed
from floodwall.audit.facts import Facts, Listening, Scope, Unread, known

_INSIDE: Final = {
    111: "rpcbind", 631: "CUPS", 2049: "NFS", 2375: "Docker without TLS", 2379: "etcd",
    3306: "MySQL", 4369: "Erlang's port mapper", 5432: "PostgreSQL", 5672: "AMQP",
    5984: "CouchDB", 6379: "Redis", 8086: "InfluxDB", 9000: "PHP-FPM", 9042: "Cassandra",
    9092: "Kafka", 9200: "Elasticsearch", 11211: "memcached", 15672: "RabbitMQ's console",
    27017: "MongoDB",
}  # fmt: skip
_SHELL = 22


def _needless(scope: Scope, _: Facts) -> Iterator[Outcome]:
    found = False
    for each in known(scope.listeners):
        if each.is_public and each.port in _INSIDE:
            found = True
            yield finding(
                f"{_INSIDE[each.port]} can be reached by everybody who can reach this machine",
                each.name,
                fix=f"bind {each.process or 'it'} to 127.0.0.1, or to the address of the peers",
            )
    if not found:
        yield passed("no database, cache or queue listens to others")


def _shared(facts: Facts) -> Iterator[Outcome]:
    by_address: defaultdict[str, dict[int, Listening]] = defaultdict(dict)
    for each in known(facts.here.listeners):
        if each.is_public and each.port != _SHELL:
            by_address["*" if each.is_wildcard else each.address][each.port] = each
    for address, services in sorted(by_address.items()):
        programs = {each.process or str(port) for port, each in services.items()}
        names = ", ".join(each.name for each in list(services.values())[:6])
        if len(programs) > 1:
            yield finding(f"one attack on the address takes all of: {names}", address)
        else:
            yield passed(f"one service: {', '.join(programs)}", address)


def _namespaces(facts: Facts) -> Iterator[Outcome]:
    others = known(facts.others)
    for scope in others:
        if not scope.listeners:
            continue
        if isinstance(scope.listeners, Unread):
            known(scope.listeners)
        weaker = [name for name in _COMPARED if _is_weaker(name, scope, facts.here)]
        if weaker:
            text = ", ".join(
                f"{name} is {scope.text(name)} (here {facts.here.text(name)})" for name in weaker
            )
            yield finding(text, scope.name)
        else:
            yield passed("not weaker than this namespace", scope.name)
    if not any(scope.listeners for scope in others):
        yield passed("nobody listens in another network namespace")


_COMPARED: Final = ("net.ipv4.tcp_syncookies", "net.core.somaxconn", "net.ipv4.tcp_timestamps")


def _is_weaker(name: str, scope: Scope, here: Scope) -> bool:
    both = name in scope.sysctls and name in here.sysctls
    return both and scope.number(name) < here.number(name)


CHECKS: Final = (
    Check(
        id="needless-listeners",
        title="What need not be public listens to nobody else",
        severity=Severity.HIGH,
        reads=("ss -ltnp",),
        expected="databases, caches and queues on loopback or on an address of their own",
        why="What does not answer cannot be flooded, and it needs no defence.",
        source="RFC 4987 section 3.1; listen only where the peers are",
        kernels="all",
        fix="bind it to 127.0.0.1",
        judge=in_each_namespace(_needless),
    ),
    Check(
        id="shared-address",
        title="One attack does not take several services",
        severity=Severity.LOW,
        reads=("ss -ltnp",),
        expected="one service an address, SSH apart",
        why="A provider that unplugs the attacked address takes everything on it down; services "
        "with addresses of their own fall one by one.",
        source="RFC 4987 section 3.8 (proxies), RFC 5635 (blackholes act on addresses)",
        kernels="all",
        fix="give services of different importance addresses of their own",
        judge=_shared,
    ),
    Check(
        id="namespaces",
        title="Containers are set no weaker than the machine",
        severity=Severity.MEDIUM,
        reads=(*_COMPARED, "/proc/*/ns/net"),
        expected="the same or stronger in each network namespace where somebody listens",
        why="A new network namespace begins with the kernel's defaults, not with the values of "
        "the machine; what was hardened outside is not hardened inside.",
        source="tcp_sk_init(), net_init of each namespace; Documentation/networking/ip-sysctl.rst",
        kernels="by namespace: somaxconn from 2.6.24, cookies from 4.6, timestamps from 4.13 on",
        fix="set it for the container: docker run --sysctl, or securityContext.sysctls",
        judge=_namespaces,
    ),
)
