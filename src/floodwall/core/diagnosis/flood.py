"""SYN floods: queues that fill with handshakes nobody completes, and cookies nobody returns."""

from collections.abc import Iterator

from floodwall.core.classify.finding import ratio
from floodwall.core.diagnosis.ailment import Ailment, Finding, Remedy, Severity
from floodwall.core.diagnosis.remedies import (
    cookies_on,
    fewer_retries,
    guard,
    longer_syn_backlog,
    look,
)
from floodwall.core.diagnosis.service import activity, door, sureness
from floodwall.core.diagnosis.symptoms import ServiceSigns, Symptoms
from floodwall.core.verdict import Evidence

FILL = 0.5
"""Share of its queue above which a listener is in danger; the daemon arms there, too."""

FULL = 0.95
"""Share from which it is called full: entries come and go between two looks."""

OLD_SHARE = 0.25
"""Share of half-open entries that no crowd shows: whoever is real answers within a second."""

FEWEST = 8
"""Half-open entries that are no matter, however small the queue."""

COOKIES_LEAST = 32
"""Cookies in a window that are no matter."""

UNRETURNED = 0.5
"""Share of cookies without return that no crowd shows."""


def find_floods(seen: Symptoms) -> Iterator[Finding]:
    """Yield a finding for each listener that is flooded, or overrun by real clients."""
    if seen.services is None:
        if overflow := _anywhere(seen):
            yield overflow
        return
    filled = [service for service in seen.services if _is_filled(service)]
    if not filled and _cookies_lost(seen):
        filled = _fullest(seen)
        if not filled and (overflow := _anywhere(seen)):
            yield overflow
    for service in filled:
        yield _flood(service, seen)
    if not filled and (crowd := _crowd(seen)):
        yield crowd


def _is_filled(service: ServiceSigns) -> bool:
    """Tell whether the queue is half full, of entries that are too old for a crowd."""
    if service.capacity is None:
        return service.stale >= COOKIES_LEAST
    return (
        service.half_open >= max(FEWEST, FILL * service.capacity)
        and service.stale >= OLD_SHARE * service.half_open
    )


def _cookies_lost(seen: Symptoms) -> bool:
    """Tell whether cookies go out that do not come back: somewhere a queue is full."""
    sent, back = seen.count("TcpExtSyncookiesSent"), seen.count("TcpExtSyncookiesRecv")
    return sent >= COOKIES_LEAST and back < (1 - UNRETURNED) * sent


def _fullest(seen: Symptoms) -> list[ServiceSigns]:
    """Return the listener with most half-open entries, which cookies are most likely sent for."""
    waiting = [service for service in seen.services or () if service.half_open >= FEWEST]
    return sorted(waiting, key=lambda service: service.half_open, reverse=True)[:1]


def flood_rate(seen: Symptoms) -> float:
    """Return the SYNs a second that found no answer or no room, on the whole machine."""
    lost = seen.count("TcpExtListenDrops") - seen.count("TcpExtListenOverflows")
    unreturned = seen.count("TcpExtSyncookiesSent") - seen.count("TcpExtSyncookiesRecv")
    gained = sum(max(service.gained, 0) for service in seen.services or ())
    return (max(lost, 0) + max(unreturned, 0) + gained) / seen.seconds


def _flood(service: ServiceSigns, seen: Symptoms) -> Finding:
    cookies = seen.stack.tcp_syncookies if seen.stack is not None else None
    full = _is_full(service, seen)
    shut = service.is_shut or (cookies == 0 and full)
    if cookies == 0:
        state = "its queue is full and cookies are off" if full else "and cookies are off"
        effect = f"{state}: new clients cannot connect" if shut else f"{state}: it fills"
    elif cookies is None:
        effect = "new clients cannot connect" if shut else "its queue fills"
    elif shut:
        effect = "the kernel's cookies are not enough: new clients cannot connect"
    else:
        effect = "the kernel's cookies let clients in, without all their TCP options"
    limit = max(FEWEST, FILL * (service.capacity or COOKIES_LEAST))
    return Finding(
        Ailment.SYN_FLOOD,
        Severity.CRITICAL if shut or cookies == 0 else Severity.WARNING,
        f"{service.name} is SYN flooded, {effect}",
        sureness(10 * ratio(service.stale, limit) if service.stale else 1.0),
        tuple(_evidence(service, seen, limit)),
        tuple(_remedies(seen, service.backlog)),
        service.name,
        service.bound.port,
    )


def _is_full(service: ServiceSigns, seen: Symptoms) -> bool:
    """Tell whether its queue takes no more; where its size is not known, by what was dropped."""
    if service.capacity is not None:
        return service.half_open >= FULL * service.capacity
    lost = seen.count("TcpExtListenDrops") - seen.count("TcpExtListenOverflows")
    return lost >= COOKIES_LEAST


def _evidence(service: ServiceSigns, seen: Symptoms, limit: float) -> Iterator[Evidence]:
    room = f" of {service.capacity:,} that its queue takes" if service.capacity else ""
    yield Evidence(
        "half_open",
        service.half_open,
        limit,
        f"{service.half_open:,} half-open connections{room}, from {service.sources:,} addresses; "
        f"{service.stale:,} wait for longer than a second",
    )
    rate = flood_rate(seen)
    if rate >= 1:
        text = f"{rate:,.0f} SYN/s found no answer or no room (all listeners together)"
        yield Evidence("unanswered_syns_per_s", rate, None, text)
    if sent := seen.count("TcpExtSyncookiesSent"):
        back = seen.count("TcpExtSyncookiesRecv")
        text = f"{sent:,} cookies sent, {back:,} came back"
        yield Evidence("cookies_returned", back / sent, UNRETURNED, text)
    yield from door(service)
    yield from activity(service, seen)
    for hint in seen.hints or ():
        if hint.kind == "syn_flooding" and hint.port == service.bound.port:
            text = f"the kernel's log said SYN flooding on this port {hint.age_s:,.0f} s ago"
            yield Evidence("kernel_log", hint.age_s, None, text)
            break


def _remedies(seen: Symptoms, backlog: int | None) -> Iterator[Remedy]:
    stack = seen.stack
    if stack is not None and stack.tcp_syncookies == 0:
        yield cookies_on(stack.tcp_syncookies)
    yield guard(guarded=seen.guarded)
    if stack is None:
        return
    if wider := longer_syn_backlog(stack, backlog or 0):
        yield wider
    if fewer := fewer_retries(stack):
        yield fewer


def _anywhere(seen: Symptoms) -> Finding | None:
    """Say that a queue overflows, where nobody can see whose."""
    if not _cookies_lost(seen) and seen.count("TcpExtTCPReqQFullDrop") < COOKIES_LEAST:
        return None
    off = seen.stack is not None and seen.stack.tcp_syncookies == 0
    rate = flood_rate(seen)
    text = f"{rate:,.0f} SYN/s found no answer or no room"
    return Finding(
        Ailment.SYN_FLOOD,
        Severity.CRITICAL if off else Severity.WARNING,
        "a listener of this machine is SYN flooded; which one cannot be seen",
        sureness(1.0),
        (Evidence("unanswered_syns_per_s", rate, None, text),),
        (look("ss -Htn state syn-recv | head", "whose queue it is"), *_remedies(seen, None)),
    )


def _crowd(seen: Symptoms) -> Finding | None:
    """Say that real clients overrun a queue: cookies go out, and come back."""
    sent, back = seen.count("TcpExtSyncookiesSent"), seen.count("TcpExtSyncookiesRecv")
    always = seen.stack is not None and seen.stack.tcp_syncookies == 2
    if always or sent < COOKIES_LEAST or _cookies_lost(seen):
        return None
    text = f"{sent:,} cookies sent, {back:,} came back: most clients are real"
    return Finding(
        Ailment.FLASH_CROWD,
        Severity.WARNING,
        "more real clients come than the queue of a listener takes",
        sureness(ratio(back, UNRETURNED * sent), 0.9),
        (Evidence("cookies_returned", back / sent, UNRETURNED, text),),
        (
            look(
                "ss -ltn",
                "Send-Q is the backlog of each listener; raise the short one in its settings",
            ),
        ),
    )
