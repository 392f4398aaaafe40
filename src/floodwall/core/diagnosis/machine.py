"""The machine as a whole: connection tracking, links, CPUs, memory, scans, and silence."""

from collections.abc import Iterator

from floodwall.core.classify.finding import SUREST, ratio
from floodwall.core.classify.machine import SATURATED
from floodwall.core.diagnosis.ailment import Ailment, Finding, Severity
from floodwall.core.diagnosis.remedies import (
    capture,
    conntrack_room,
    guard,
    look,
    report,
    spread_receiving,
    untrack,
)
from floodwall.core.diagnosis.service import GUESS, sureness
from floodwall.core.diagnosis.symptoms import LinkSigns, Symptoms
from floodwall.core.verdict import Evidence

CONNTRACK_FILL = 0.9
"""Share of the table from which it is a matter of seconds."""

SOFTIRQ = 0.9
"""Share of one CPU in which it does nothing but receive."""

DROPPED_LEAST = 64
"""Packets lost behind the driver in a window that are no matter: one burst of NAPI, its weight."""

MEMORY = 0.9

PROBES_LEAST = 50
"""Resets in a window that are no matter, and as many as the daemon's rule for scans asks for."""

STRAY_PPS = 32_768
"""At this pace a scanner has tried all ports of an address within two seconds, and is done."""

TIMES_USUAL = 8.0

EXPECTED = 10.0
"""Expected handshakes in the window from which on none at all is no chance: 5 in 100,000."""

FLAT = 0.1
"""Share of the usual packets below which a link is called flat."""


def find_of_machine(seen: Symptoms) -> Iterator[Finding]:
    """Yield everything that is not about one listener."""
    yield from _links(seen)
    yield from _conntrack(seen)
    yield from _receiving(seen)
    yield from _memory(seen)
    yield from _probing(seen)


def _links(seen: Symptoms) -> Iterator[Finding]:
    for link in seen.links or ():
        if not link.speed_bit_s:
            continue
        for sends, carried in ((False, link.received_bytes), (True, link.sent_bytes)):
            share = carried * 8 / seen.seconds / link.speed_bit_s
            if share >= SATURATED:
                yield _saturated(link, share, sends=sends, recorded=seen.guarded)


def _saturated(link: LinkSigns, share: float, *, sends: bool, recorded: bool) -> Finding:
    does = "sends" if sends else "receives"
    text = f"{link.name} {does} {share:.0%} of its {(link.speed_bit_s or 0) / 1e6:,.0f} Mbit/s"
    drops = f"; {link.receive_drops:,} packets dropped there" if link.receive_drops else ""
    summary = f"the link {link.name} is full: nothing on this host can help, ask the provider"
    remedies = [capture(link.name), *([report()] if recorded else [])]
    if sends:
        summary = f"the link {link.name} is full of what this machine sends: a backup, or answers"
        remedies = [
            look("ss -tniH state established | grep -B1 bytes_sent | head -40", "who sends")
        ]
    return Finding(
        Ailment.LINK_SATURATED,
        Severity.WARNING if sends else Severity.CRITICAL,
        summary,
        sureness(10 * ratio(share, SATURATED), 0.95),
        (Evidence("link_share", share, SATURATED, text + drops),),
        tuple(remedies),
    )


def _conntrack(seen: Symptoms) -> Iterator[Finding]:
    table = seen.conntrack
    if table is None or (table.fill < CONNTRACK_FILL and not seen.lost_to_conntrack):
        return
    lost = seen.lost_to_conntrack
    text = f"{table.entries:,} of {table.limit:,} entries"
    evidence = [Evidence("conntrack_fill", table.fill, CONNTRACK_FILL, text)]
    if lost:
        text = f"{lost:,} entries or packets were dropped for lack of room"
        evidence.append(Evidence("conntrack_lost", lost, 0, text))
    busiest = max(
        seen.services or (), key=lambda one: one.half_open + one.established, default=None
    )
    remedies = [conntrack_room(table.limit)]
    if busiest is not None and busiest.half_open + busiest.established:
        remedies.append(untrack(busiest.bound.port))
    is_full = lost or table.fill >= 0.99
    yield Finding(
        Ailment.CONNTRACK_FULL,
        Severity.CRITICAL if is_full else Severity.WARNING,
        "the table of connection tracking is full: new connections are dropped in front of "
        "every listener" if is_full else "the table of connection tracking is nearly full",
        sureness(10 * max(ratio(table.fill, CONNTRACK_FILL), float(bool(lost)))),
        tuple(evidence),
        tuple(remedies),
    )  # fmt: skip


def _receiving(seen: Symptoms) -> Iterator[Finding]:
    cpu = seen.cpu
    dropped = seen.softnet.dropped if seen.softnet is not None else 0
    dropped = dropped if dropped >= DROPPED_LEAST else 0
    if cpu is None or (cpu.busiest_softirq < SOFTIRQ and not dropped):
        return
    text = (
        f"one CPU spends {cpu.busiest_softirq:.0%} of its time receiving, all {cpu.busy:.0%} busy"
    )
    evidence = [Evidence("busiest_softirq", cpu.busiest_softirq, SOFTIRQ, text)]
    if dropped:
        text = f"{dropped:,} packets were dropped between driver and stack (softnet_stat)"
        evidence.append(Evidence("softnet_dropped", dropped, 0, text))
    busiest = _busiest(seen)
    yield Finding(
        Ailment.RECEIVE_OVERLOAD,
        Severity.CRITICAL if dropped else Severity.WARNING,
        "a CPU is overrun by packets",
        sureness(10 * max(ratio(cpu.busiest_softirq, SOFTIRQ), float(bool(dropped))), 0.95),
        tuple(evidence),
        (spread_receiving(busiest.name, seen.cpus),)
        if busiest is not None and seen.cpus > 1
        else (),
    )


def _busiest(seen: Symptoms) -> LinkSigns | None:
    return max(seen.links or (), key=lambda link: link.received_packets, default=None)


def _memory(seen: Symptoms) -> Iterator[Finding]:
    memory = seen.memory
    if memory is None:
        return
    shares = [("memory", memory.pages, memory.pages_limit, "pages for TCP (tcp_mem)")]
    if memory.orphans_limit:
        what = "sockets without a process (tcp_max_orphans)"
        shares.append(("orphans", memory.orphans, memory.orphans_limit, what))
    for name, held, limit, what in shares:
        if limit and held >= MEMORY * limit:
            text = f"{held:,} of {limit:,} {what}"
            yield Finding(
                Ailment.SOCKET_MEMORY,
                Severity.CRITICAL,
                "TCP runs out of room for sockets: connections are cut off",
                sureness(10 * held / limit, 0.95),
                (Evidence(f"tcp_{name}", held / limit, MEMORY, text),),
                (look("ss -s; ss -tnm | sort -k3 -n | tail", "who holds it"),),
            )


def _probing(seen: Symptoms) -> Iterator[Finding]:
    """Look for segments that no socket wants, by the resets that answer them."""
    ours = seen.probes + seen.count("TcpEstabResets")
    resets = max(0, seen.count("TcpOutRsts") - ours)
    usual = seen.usual("TcpOutRsts") * seen.seconds
    if resets < max(PROBES_LEAST, TIMES_USUAL * usual):
        return
    rate = resets / seen.seconds
    text = (
        f"{rate:,.0f} segments a second belong to nothing here and were answered by a reset, "
        f"usual are {seen.usual('TcpOutRsts'):,.1f}"
    )
    evidence = Evidence("resets_per_s", rate, PROBES_LEAST / seen.seconds, text)
    who = look("tcpdump -ni any -c 200 'tcp[13] & 4 != 0'", "which ports, and who is answered")
    if rate >= STRAY_PPS:
        yield Finding(
            Ailment.ACK_FLOOD,
            Severity.WARNING,
            "segments that belong to nothing flood this machine: ACKs, or SYNs to closed ports",
            sureness(ratio(rate, STRAY_PPS), 0.8),
            (evidence,),
            (guard(guarded=seen.guarded), who),
        )
        return
    yield Finding(
        Ailment.SYN_SCAN,
        Severity.WARNING,
        "ports where nothing listens are tried: a scan, or a service that should run and does not",
        sureness(ratio(resets, PROBES_LEAST), GUESS),
        (evidence,),
        (who, look("ss -ltn", "whether a service of yours is missing")),
    )


def find_held_off(seen: Symptoms) -> Finding | None:
    """Say what the daemon is at work on: none of it reaches the stack, where we look."""
    if not seen.held_off:
        return None
    return Finding(
        Ailment.HELD_OFF,
        Severity.WARNING,
        f"Floodwall holds an attack off here: {seen.held_off[0]}",
        SUREST,
        tuple(Evidence("held_off", 1.0, None, line) for line in seen.held_off),
        (guard(guarded=True),),
    )


def find_silence(seen: Symptoms) -> Finding | None:
    """Say whether clients that usually come do not reach this machine at all."""
    expected = seen.usual("TcpPassiveOpens") * seen.seconds
    if seen.moved is None or expected < EXPECTED or seen.count("TcpPassiveOpens"):
        return None
    tried = [service.canary for service in seen.services or () if service.canary is not None]
    if not tried or not all(canary.connected for canary in tried):
        return None
    received = sum(link.received_packets for link in seen.links or ())
    usual = sum(link.total_packets for link in seen.links or ()) / (seen.uptime_s or 1.0)
    rate = received / seen.seconds
    if seen.links is None or rate >= FLAT * usual:
        return None
    text = f"{rate:,.0f} packets/s arrive, {usual:,.0f} on average since boot"
    return Finding(
        Ailment.NOTHING_ARRIVES,
        Severity.CRITICAL,
        "this host answers and hardly a packet arrives: the fault is in front of it",
        GUESS,
        (
            Evidence("received_pps", rate, FLAT * usual, text),
            Evidence(
                "handshakes",
                0,
                expected,
                f"no client connected; {expected:,.0f} would be usual in {seen.seconds:.1f} s",
            ),
            Evidence("listeners_answer", len(tried), None, f"{len(tried)} listeners answer us"),
        ),
        (
            look(
                "ip -br link; ip route; ip neigh; ping -c 3 GATEWAY",
                "whether the link and the gateway live",
            ),
            look(
                "# ask the provider",
                "a null route, a filter or a broken path is not seen from here",
            ),
        ),
    )
