"""What the daemon says, as Prometheus takes it: names, units and help texts in one table.

Law: what is not known is left out, never 0; while the daemon is silent nothing is said of the
defence but that.  No label holds an address of a source, and at most SERVICES_MAX services are
told one by one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from floodwall import __version__
from floodwall.console.feed import Link, Snapshot
from floodwall.core.live import INCIDENTS_MAX, SERVICES_MAX, Live, LiveService
from floodwall.core.verdict import Kind

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of what `exposition` returns; Prometheus' text format."""

LABEL_MAX = 120
"""Characters of a label's value; names of processes are chosen by whoever starts them."""

SENSORS_MAX = 64
REASONS_MAX = 64

_EVENTS = {
    "syns": "SYNs that arrived",
    "passed": "SYNs that were passed to the kernel without a challenge",
    "challenged": "SYNs that were answered with a cookie",
    "proven": "Cookies that came back valid: the source is real",
    "bad_acks": "Cookies that came back wrong",
    "completed": "Handshakes that were completed",
}

Value = float | int | bool | None


@dataclass(frozen=True, slots=True)
class _Gauge:
    """A figure of one service."""

    name: str
    help: str
    of: Callable[[LiveService], Value]


def _took_s(service: LiveService) -> Value:
    took_ms = service.canary.took_ms if service.canary else None
    return None if took_ms is None else took_ms / 1000


_GAUGES = (
    _Gauge(
        "users_get_in",
        "Whether our own last handshake with the listener succeeded, 1 or 0",
        lambda one: one.canary.connected if one.canary else None,
    ),
    _Gauge("canary_seconds", "How long our own last handshake took", _took_s),
    _Gauge(
        "canary_failures",
        "Handshakes of our own that failed within the last minute, of about sixty",
        lambda one: one.canary.failed if one.canary else None,
    ),
    _Gauge(
        "attacked",
        "Whether the verdict is an attack, 1 or 0",
        lambda one: _is_attack(one.kind),
    ),
    _Gauge("verdict_confidence_ratio", "How sure the verdict is", lambda one: one.confidence),
    _Gauge(
        "armed",
        "Whether every SYN is challenged, 1 or 0",
        lambda one: one.armed_for_s is not None,
    ),
    _Gauge("pending_handshakes", "SYNs passed on and not completed yet", lambda one: one.pending),
    _Gauge("pending_limit", "Pending handshakes above which it is armed", lambda one: one.high),
    _Gauge("queue_capacity", "Half-open connections that fit", lambda one: one.capacity),
    _Gauge("half_open", "Half-open connections in the kernel's queue", lambda one: one.half_open),
    _Gauge("accept_queue", "Connections that wait to be accepted", lambda one: one.waiting),
    _Gauge(
        "accept_queue_limit", "Connections that may wait to be accepted", lambda one: one.backlog
    ),
    _Gauge("established", "Connections that are established", lambda one: one.established),
    _Gauge("sources", "Addresses that hold connections", lambda one: one.sources),
)


class Exposition(Collector):
    """Turns the newest snapshot into metrics when it is asked."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Yield what is known."""
        snapshot = self._snapshot()
        heard = snapshot.link is Link.LIVE
        yield _gauge("up", "Whether the daemon answers, 1 or 0", heard)
        info = GaugeMetricFamily(
            "floodwall_build_info", "Version of this program", labels=("version",)
        )
        info.add_metric([__version__], 1)
        yield info
        yield _gauge(
            "last_heard_timestamp_seconds", "When the daemon last answered", snapshot.since_wall_s
        )
        if heard:
            yield from _standing(snapshot)
            if snapshot.live is not None:
                yield from _machine(snapshot.live)
                yield from _services(snapshot.live)


def exposition(snapshot: Snapshot) -> bytes:
    """Return the text of a scrape."""
    registry = CollectorRegistry()
    registry.register(Exposition(lambda: snapshot))
    return generate_latest(registry)


def samples(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return the same as values, for `--json`."""
    return [
        {"name": sample.name, "labels": sample.labels, "value": sample.value}
        for metric in Exposition(lambda: snapshot).collect()
        for sample in metric.samples
    ]


def _standing(snapshot: Snapshot) -> Iterator[Metric]:
    standing, live = snapshot.standing, snapshot.live
    yield _gauge(
        "healthy", "Whether nothing keeps the defence from being whole", snapshot.health.good
    )
    yield _gauge("uptime_seconds", "For how long the daemon runs", standing.uptime_s)
    yield _gauge("bans", "Bans in force", standing.bans)
    yield _gauge("never_ban_networks", "Networks that are never banned", standing.never_ban)
    yield _gauge("settings_on_trial", "Whether settings are on trial", standing.trial is not None)
    if live is not None and live.counted:
        yield _gauge(
            "lease_seconds", "How long the data plane acts without the daemon", standing.lease_s
        )


def _machine(live: Live) -> Iterator[Metric]:
    machine = live.machine
    yield _gauge("counted", "Whether a data plane counts SYNs, 1 or 0", live.counted)
    for name, text, value in (
        ("cpu_busy_ratio", "Share of CPU time that is not idle", machine.busy),
        ("softirq_ratio", "Share of CPU time in softirq", machine.softirq),
        ("busiest_softirq_ratio", "The same of the busiest CPU", machine.busiest_softirq),
        ("conntrack_ratio", "Share of the connection tracking table in use", machine.conntrack),
    ):
        yield _gauge(name, text, value)
    yield _labelled(
        "incidents_open",
        "Incidents that go on, by kind; as many as the daemon lists",
        "kind",
        [(kind, sum(each.kind == kind for each in live.incidents)) for kind in _kinds(live)],
    )
    reasons = sorted(machine.reason_totals.items())[:REASONS_MAX]
    packets = CounterMetricFamily(
        "floodwall_packets",
        "Packets by the reason for which they left the data plane",
        labels=("reason",),
    )
    for reason, count in reasons:
        packets.add_metric([_label(reason)], count)
    yield packets
    blind = [(sensor, 1) for sensor in sorted(live.blind)]
    yield _labelled("sensor_failing", "Sensors that fail, each 1", "sensor", blind[:SENSORS_MAX])
    lost = CounterMetricFamily(
        "floodwall_sensor_answers_lost",
        "Answers that the kernel lost, and that were asked for again",
        labels=("sensor",),
    )
    for sensor, count in sorted(live.losses.items())[:SENSORS_MAX]:
        lost.add_metric([_label(sensor)], count)
    yield lost


def _services(live: Live) -> Iterator[Metric]:
    named = list(_named(live.services))
    yield _gauge("services", "Services that are watched", len(live.services) + live.more_services)
    for gauge in _GAUGES:
        rows = [(name, gauge.of(service)) for name, service in named]
        yield _labelled(f"service_{gauge.name}", gauge.help, "service", rows)
    for event, text in _EVENTS.items():
        counter = CounterMetricFamily(f"floodwall_service_{event}", text, labels=("service",))
        for name, service in named:
            if event in service.totals:
                counter.add_metric([name], service.totals[event])
        yield counter
    verdict = GaugeMetricFamily(
        "floodwall_service_verdict_info",
        "What a service is going through, always 1",
        labels=("service", "kind", "rung", "mode"),
    )
    spoof = GaugeMetricFamily(
        "floodwall_service_spoof_ratio",
        "Share of challenged SYNs whose source never answered, with its 95 % interval",
        labels=("service", "bound"),
    )
    for name, service in named:
        verdict.add_metric([name, *map(_label, (service.kind, service.rung, service.mode))], 1)
        if (share := service.spoof) is not None:
            spoof.add_metric([name, "low"], share.low)
            spoof.add_metric([name, "estimate"], share.value)
            spoof.add_metric([name, "high"], share.high)
    yield verdict
    yield spoof
    # Rates, and no counter: who is among the rest changes, and a sum of other members would jump.
    yield _labelled(
        "other_services_per_second",
        f"Events a second of all services but the {SERVICES_MAX} that are told one by one",
        "event",
        [(event, live.rest.get(event)) for event in _EVENTS],
    )


def _named(services: Iterable[LiveService]) -> Iterator[tuple[str, LiveService]]:
    """Give each service a label of its own: two with the same one would spoil the whole scrape."""
    taken: set[str] = set()
    for service in list(services)[:SERVICES_MAX]:
        name = _label(service.name)
        if name in taken:
            name = f"{name} #{service.index}"
        if name not in taken:
            taken.add(name)
            yield name, service


def _kinds(live: Live) -> list[str]:
    known = [kind.value for kind in Kind if kind is not Kind.CALM]
    odd = {_label(each.kind) for each in live.incidents} - set(known)
    return [*known, *sorted(odd)[:INCIDENTS_MAX]]


def _is_attack(kind: str) -> bool:
    return Kind(kind).is_attack if kind in set(Kind) else True


def _gauge(name: str, text: str, value: Value) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"floodwall_{name}", text, None if value is None else float(value))


def _labelled(
    name: str, text: str, label: str, rows: Iterable[tuple[str, Value]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"floodwall_{name}", text, labels=(label,))
    for key, value in rows:
        if value is not None:
            family.add_metric([_label(key)], float(value))
    return family


def _label(text: str) -> str:
    """Return printable words of bounded length."""
    line = "".join(letter if letter.isprintable() else "?" for letter in text[:LABEL_MAX])
    return line.encode("utf-8", "replace").decode()
