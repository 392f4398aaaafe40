"""Facts that prove nothing by themselves, told so that nobody reads too much into them."""

import math
from collections import defaultdict

from floodwall.forensics.evidence import Sign
from floodwall.forensics.finding import Hint
from floodwall.forensics.partial import Mark, Partial

_MOST_DETAILS = 10
_TEXTS = {
    Sign.POSSIBLE_FLOOD: "a listener's queue overflowed and the kernel warned; since Linux 3.2 it "
    "says so once per listener, busy and benign servers too: neither a size nor an end of a flood",
    Sign.CONNTRACK_FULL: "the connection tracking table was full: floods do that, and load does",
    Sign.LISTEN_OVERFLOW: "an accept queue was full of finished handshakes: the application is "
    "slow or its backlog small",
    Sign.ORPHANS: "too many closed sockets waited for their peers",
    Sign.SOCKET_MEMORY: "the memory for TCP was used up",
    Sign.TIME_WAIT: "the table of closed connections was full: many short connections",
    Sign.ROUTE_CACHE: "the route cache overflowed, as a flood from forged sources makes it",
    Sign.NEIGHBOURS: "the table of neighbours overflowed: a scan, or a large network",
    Sign.SHRUNK_WINDOW: "peers shrank their window: a tarpit or a broken stack, no SYN flood",
    Sign.COOKIE_FAILED: "acknowledgements failed the SYN cookie check",
    Sign.MESSAGES_LOST: "the kernel lost messages of its own",
}


def hints(partial: Partial) -> list[Hint]:
    """Return what else the evidence says."""
    by_sign: dict[Sign, list[Mark]] = defaultdict(list)
    for mark in partial.marks:
        by_sign[mark.sign].append(mark)
    found = [_hint(sign, marks, partial) for sign, marks in by_sign.items()]
    elsewhere = sum(item.count for item in partial.suppressed if not item.network)
    if elsewhere:
        text = "suppressed messages of other parts of the kernel; not counted as requests"
        found.append(Hint("suppressed_elsewhere", elsewhere, text))
    if partial.untrusted:
        text = "lines that look like the kernel's but were written by somebody else; not counted"
        found.append(
            Hint(
                "untrusted_lines",
                partial.untrusted,
                text,
                details=tuple(partial.untrusted_samples[:_MOST_DETAILS]),
            )
        )
    return found


def _hint(sign: Sign, marks: list[Mark], partial: Partial) -> Hint:
    times = [mark.at for mark in marks if not math.isnan(mark.at)]
    places = dict.fromkeys(
        f"{mark.address or 'any address'} port {mark.port}"
        + (f": {mark.action}" * bool(mark.action))
        for mark in marks
        if mark.port
    )
    return Hint(
        sign.value,
        partial.marks_total[sign.value],
        _TEXTS[sign],
        min(times, default=None),
        max(times, default=None),
        tuple(places)[:_MOST_DETAILS],
    )
