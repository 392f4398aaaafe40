"""SYN scans: SYNs to ports where nothing listens, more than the noise of the Internet.

Only their number is known, not their ports nor their sources.
"""

from floodwall.core.classify.finding import Finding, ratio
from floodwall.core.verdict import Evidence, Kind

WINDOW = 10
"""Observations that are looked at together."""

LEAST = 50
"""SYNs to closed ports in the window: half of a scanner's quickest look at the 100 best known."""

LEAST_PER_ADDRESS = 5
"""And for each own address: everybody's noise comes to each of them."""

TIMES = 8.0
"""Times the usual noise."""

PORTS = 65535

SENT = 3
"""Times that a scanner sends each SYN at most, with its retries."""


def find_scan(probes: int, seconds: float, usual_per_s: float, addresses: int) -> Finding | None:
    """Say whether somebody tries ports: `probes` SYNs to closed ports came in the last seconds."""
    limit = max(LEAST, LEAST_PER_ADDRESS * addresses, TIMES * usual_per_s * seconds)
    if probes < limit:
        return None
    return Finding(
        Kind.SYN_SCAN,
        ratio(probes, limit),
        (
            Evidence(
                "closed_port_syns",
                probes,
                limit,
                f"{probes:,} SYNs to ports without a listener in {seconds:.0f} s, "
                f"usual are {usual_per_s * seconds:,.0f}",
            ),
        ),
    )


def find_closed_port_flood(episode: int, addresses: int, rate: float) -> Finding | None:
    """Say whether more SYNs came to closed ports than any scan of this machine can need."""
    limit = SENT * PORTS * max(addresses, 1)
    if episode <= limit:
        return None
    return Finding(
        Kind.SPOOFED_FLOOD,
        ratio(episode, limit),
        (
            Evidence(
                "closed_port_syns",
                episode,
                limit,
                f"{episode:,} SYNs to ports without a listener since it began, {rate:,.0f} a "
                f"second; a scan of all ports needs {limit:,} at most",
            ),
        ),
        # Where nothing listens nobody is challenged: that the sources are forged is not proven.
        most=0.6,
    )
