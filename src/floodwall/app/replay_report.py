"""What a replay came to, for a reader and for machines."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from floodwall.app.replay import Replayed

_SHOWN: Final = 10


def replay_lines(found: Replayed) -> Iterator[str]:
    """Write a replay for a reader."""
    yield "What Floodwall would have done"
    yield (
        f"  {found.frames:,} frames for {found.services:,} services, whose queues are taken to "
        f"hold {found.backlog:,}"
    )
    yield (
        f"  passed {found.passed:,}, challenged {found.challenged:,}, dropped {found.dropped:,}; "
        f"not judged: {found.established:,} of connections, {found.outbound:,} not sent to them"
    )
    for name, count in sorted(found.reasons.items(), key=lambda item: -item[1]):
        yield f"    {name:<28} {count:>12,}"
    yield from _over_time(found)
    yield from _touched(found)
    yield from (f"  note: {note}" for note in found.notes)


def replay_document(found: Replayed) -> dict[str, Any]:
    """Return a replay as plain values; times are seconds since 1970."""
    plain = {name: getattr(found, name) for name in found.__slots__}
    return plain | {
        "series": [{"at": at, **asdict(each)} for at, each in sorted(found.series.items())],
        "touched": [
            {"address": str(address), "dropped": count} for address, count in found.touched.items()
        ],
    }


def _over_time(found: Replayed) -> Iterator[str]:
    busy = [at for at, second in found.series.items() if second.challenged or second.dropped]
    if not busy:
        yield "  calm throughout: nothing would have been challenged or dropped"
        return
    first = min(found.series)
    most = max(found.series.values(), key=lambda second: second.challenged)
    yield (
        f"  challenged or dropped from {min(busy) - first} s to {max(busy) - first} s after the "
        f"first frame, in {len(busy):,} seconds; at most {most.challenged:,} challenges in one"
    )


def _touched(found: Replayed) -> Iterator[str]:
    yield (
        f"  {found.real:,} sources completed a handshake in the capture; "
        f"{found.completed:,} handshakes completed in the replay"
    )
    if not found.touched:
        yield "  none of these sources would have lost a SYN or its answer"
        return
    yield f"  {len(found.touched):,} of these sources would have lost a SYN or its answer:"
    for address, count in list(found.touched.items())[:_SHOWN]:
        yield f"    {address!s:<40} {count:>8,}"
