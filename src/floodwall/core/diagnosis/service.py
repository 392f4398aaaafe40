"""One listener: is it flooded, too slow, held by silent connections, or shut."""

from collections.abc import Iterator

from floodwall.core.classify.finding import SUREST, ratio
from floodwall.core.classify.slow import LARGEST_ADVISED, LINES
from floodwall.core.diagnosis.ailment import Ailment, Finding, Remedy, Severity
from floodwall.core.diagnosis.remedies import guard, look
from floodwall.core.diagnosis.symptoms import ServiceSigns, Symptoms
from floodwall.core.proportion import wilson
from floodwall.core.verdict import Evidence

SILENT_LEAST = 64
"""Silent connections that are no matter here, where nobody knows what is usual."""

MAJORITY, QUARTER = 0.5, 0.25
"""Shares of silent connections, as in the daemon's rule for connection floods."""

FEW, HEAVY = 8, 32
"""Where /proc alone tells: so few sources hold most connections, each of them so many."""

FEW_SHARE = 0.8

REFUSED_SURE = 0.8
"""The listener may have been closed between two looks."""

GUESS = 0.6
"""What /proc cannot tell apart is said no surer than this."""


def sureness(times: float, most: float = SUREST) -> float:
    """Turn times beyond the border into a confidence, as the daemon does."""
    return round(min(max(times, 1.0) / (1 + max(times, 1.0)), most), 3)


def find_connection_flood(service: ServiceSigns, seen: Symptoms) -> Finding | None:
    """Say whether connections are held by clients that say nothing, or by a few clients."""
    if service.silent is None:
        return _held_by_few(service, seen)
    waiting = service.waiting if service.is_full else 0
    silent = service.silent - waiting
    room = service.capacity or 0
    limit = max(SILENT_LEAST, room // 4)
    if silent < limit:
        return None
    old = max(service.established - service.opened - waiting, silent)
    share = wilson(silent, old)
    if share.low < MAJORITY and (share.low < QUARTER or silent < room):
        return None
    text = f"{silent:,} of {old:,} connections never sent a byte for half a second"
    evidence = (
        Evidence("silent_connections", silent, limit, text),
        *_who(service, seen),
    )
    return _connections(service, seen, evidence, sureness(ratio(silent, limit), 0.9))


def _held_by_few(service: ServiceSigns, seen: Symptoms) -> Finding | None:
    heavy = [peer for peer in service.peers[:FEW] if peer.concurrent >= HEAVY]
    held = sum(peer.concurrent for peer in heavy)
    if held < SILENT_LEAST or held < FEW_SHARE * service.established:
        return None
    text = (
        f"{len(heavy)} sources hold {held:,} of {service.established:,} connections; whether they "
        "say anything, /proc alone does not tell"
    )
    evidence = (
        Evidence("held_by_few", held / service.established, FEW_SHARE, text),
        *_who(service, seen),
    )
    return _connections(service, seen, evidence, GUESS)


def _connections(
    service: ServiceSigns, seen: Symptoms, evidence: tuple[Evidence, ...], confidence: float
) -> Finding:
    harmed = service.is_shut or service.is_full
    effect = "new clients cannot connect" if harmed else "new clients still get in"
    biggest = service.peers[0].address if service.peers else None
    remedies = [
        look(
            f"ss -tn state established '( sport = :{service.bound.port} )' | sort -k4 | head",
            "see who holds them, and how long",
        )
    ]
    remedies.append(guard(guarded=seen.guarded))
    if biggest is not None:
        remedies.append(
            Remedy(
                f"floodwall ban {biggest} --for 10m --reason 'holds connections'",
                "it completed handshakes, so that the address is real; needs the daemon",
                "if it is a provider's shared address, everybody behind it is locked out",
                f"floodwall unban {biggest}",
            )
        )
    return Finding(
        Ailment.CONNECTION_FLOOD,
        Severity.CRITICAL if harmed else Severity.WARNING,
        f"{service.name} is held by a flood of connections: {effect}",
        confidence,
        evidence,
        tuple(remedies),
        service.name,
        service.bound.port,
    )


def _who(service: ServiceSigns, seen: Symptoms) -> Iterator[Evidence]:
    if service.peers:
        peer = service.peers[0]
        text = (
            f"{peer.address} holds {peer.concurrent:,} of them; {service.remotes:,} sources in all"
        )
        yield Evidence("largest_source", peer.concurrent, None, text)
    if service.opened:
        rate = service.opened / seen.seconds
        yield Evidence("opened_per_s", rate, None, f"{rate:,.0f} new connections a second")
    yield from activity(service, seen)


def find_slow_application(service: ServiceSigns, seen: Symptoms) -> Finding | None:
    """Say whether handshakes complete and nobody accepts the connections."""
    overflows = seen.count("TcpExtListenOverflows")
    if service.backlog is None:
        is_slow = service.waiting > 0 and service.waited > 0 and overflows > 0
    else:
        is_slow = service.is_full and (service.was_full or overflows > 0 or service.is_shut)
    if not is_slow:
        return None
    backlog = service.backlog if service.backlog is not None else max(service.waiting - 1, 1)
    who = service.process or "an application that we may not look at"
    told = "" if service.backlog is not None else " (as it looks: /proc does not tell)"
    evidence = [
        Evidence(
            "accept_queue_fill",
            service.waiting / max(backlog, 1),
            1.0,
            f"{service.waiting:,} connections wait to be accepted by {who}; its backlog is "
            f"{backlog:,}{told}",
        )
    ]
    if overflows:
        text = f"the kernel refused {overflows:,} for a full accept queue (ListenOverflows)"
        evidence.append(Evidence("listen_overflows", overflows, 0, text))
    most = 0.95 if service.backlog is not None else GUESS
    return Finding(
        Ailment.SLOW_APPLICATION,
        Severity.CRITICAL,
        f"{service.name} accepts too slowly: its queue is full, which is no attack by itself",
        sureness(2.0 + service.was_full + bool(overflows) + 10 * service.is_shut, most),
        (*evidence, *activity(service, seen), *door(service)),
        tuple(_wake(service, backlog, seen)),
        service.name,
        service.bound.port,
    )


def _wake(service: ServiceSigns, backlog: int, seen: Symptoms) -> Iterator[Remedy]:
    if service.pid is not None:
        yield look(
            f"cat /proc/{service.pid}/wchan /proc/{service.pid}/stack; "
            f"ls /proc/{service.pid}/fd | wc -l; grep files /proc/{service.pid}/limits",
            "what it waits for, and whether it has run out of descriptors",
        )
    else:
        yield look(f"ss -ltnp '( sport = :{service.bound.port} )'", "which process it is, as root")
    more = min(max(2 * backlog, 511), LARGEST_ADVISED)
    line = LINES.get(service.process)
    where = f"`{line.format(port=service.bound.port, more=more)}` in its settings" if line else (
        f"{more} in its call of listen()"
    )  # fmt: skip
    raised = ""
    if seen.stack is not None and more > seen.stack.somaxconn:
        raised = f", after sysctl -w net.core.somaxconn={more}"
    yield Remedy(
        f"# raise its backlog of {backlog} to {where}{raised}, and restart it",
        "bursts find room; an application that hangs is not helped by it",
        "its connections are cut by the restart; users wait longer instead of being refused",
        f"# put the backlog back to {backlog}, and restart it",
    )


def find_shut(service: ServiceSigns, seen: Symptoms) -> Finding | None:
    """Say whether a listener that should let us in does not, for no reason named elsewhere."""
    if service.canary is None or service.canary.connected:
        return None
    refused = "refused" in service.canary.why.lower() or "reset" in service.canary.why.lower()
    did = "refuses a local connection" if refused else "does not answer a local connection"
    who = "a firewall rule of this machine, most likely"
    remedy = look(
        f"nft list ruleset | grep -n -e {service.bound.port} -e reject -e drop; "
        f"iptables-save | grep -e {service.bound.port}",
        "the rule that refuses it; queues and backlog are not the reason",
    )
    if seen.firewall is False:
        who = "and no firewall rules are here"
        remedy = look(
            f"ss -ltnp '( sport = :{service.bound.port} )'; bpftool net; bpftool cgroup tree",
            "whether it still listens, and whether a BPF program drops what comes",
        )
    return Finding(
        Ailment.LISTENER_REFUSES if refused else Ailment.LISTENER_SILENT,
        Severity.CRITICAL,
        f"{service.name} listens, yet {did}: {who}",
        # A closed door has a reason; one that stays silent may have been busy for a moment.
        REFUSED_SURE if refused else GUESS,
        (*door(service), *activity(service, seen)),
        (remedy,),
        service.name,
        service.bound.port,
    )


def door(service: ServiceSigns) -> Iterator[Evidence]:
    """Tell what became of our own connection to it."""
    canary = service.canary
    if canary is None:
        return
    if canary.connected:
        text = (
            f"our own connection to {canary.endpoint} got through in {canary.took_ms or 0:.2f} ms"
        )
    else:
        text = f"our own connection to {canary.endpoint} did not get through: {canary.why}"
    yield Evidence("local_connection", float(canary.connected), 1.0, text)


def activity(service: ServiceSigns, seen: Symptoms) -> Iterator[Evidence]:
    """Tell what the process did: one that runs and is idle is not being reached."""
    if service.cpu_s is None:
        return
    share = service.cpu_s / seen.seconds
    what = "runs, and is idle" if share < 0.01 else f"used {share:.0%} of a CPU"
    text = f"{service.process or 'its process'} (pid {service.pid}) {what}"
    yield Evidence("process_cpu", share, None, text)
