"""Floods of real handshakes: connections that say nothing, or that a few sources open in masses."""

from floodwall.core.classify.crowd import LEAST_PER_S, TIMES
from floodwall.core.classify.finding import Finding, ratio
from floodwall.core.classify.view import View
from floodwall.core.proportion import odds, wilson
from floodwall.core.signs import Connections
from floodwall.core.verdict import Evidence, Kind

SILENT_LEAST = 32
"""Silent connections that are no matter: browsers open some ahead of need, six to a site."""

SILENT_TIMES = 4.0
"""Times the usual, as for a crowd."""

CROWD_MOST = 10.0
"""A crowd brings its own silent connections: so many times the usual are allowed for."""

MAJORITY = 0.5
"""Share of silent connections that no crowd shows: whoever connects to a server wants something."""

QUARTER = 0.25
"""Share that is enough if they are as many as the queue takes."""

FEW_SHARE = 0.8
"""Share of new connections that few sources open: crowds have a long tail, networks of bots too."""


def find_connection_flood(view: View) -> Finding | None:
    """Say whether connections come, complete their handshake, and never say a byte."""
    seen, usual = view.connections, view.usual.silent
    if seen is None or usual is None:
        return None
    # Whoever waits to be accepted may wait for the server to speak first: not counted.
    waiting = view.accept.waiting if view.accept is not None and view.full else 0
    silent = seen.silent - waiting
    growth = 1.0
    if view.usual.answered:
        growth = min(max(view.answered / view.usual.answered, 1.0), CROWD_MOST)
    limit = max(SILENT_LEAST, view.low, SILENT_TIMES * usual * growth)
    if silent < limit:
        return None
    # Those of this second are too young to be silent.
    old = max(seen.established - seen.opened, silent)
    share = wilson(silent, old)
    if share.low >= MAJORITY:
        times = ratio(odds(share.low), odds(MAJORITY))
    elif share.low >= QUARTER and silent >= view.service.capacity:
        times = ratio(odds(share.low), odds(QUARTER))
    else:
        return None
    return Finding(
        Kind.CONNECTION_FLOOD,
        min(times, ratio(silent, limit)),
        (
            Evidence(
                "silent_connections",
                silent,
                limit,
                f"{silent:,} of {old:,} connections never sent a byte for half a second, "
                f"usual are at most {usual:,.0f}",
            ),
            *_largest(seen),
        ),
        view.spoof_index,
        advice="mode `strict` bans sources that exceed limits.idle or limits.concurrent",
    )


def find_real_flood(view: View) -> Finding | None:
    """Say whether few sources open most connections, far more than usual, and do harm by it."""
    seen, usual = view.connections, view.usual.answered
    harmed = view.full or (view.canary is not None and not view.canary.connected)
    if seen is None or usual is None or not harmed:
        return None
    limit = max(TIMES * usual, LEAST_PER_S)
    if view.answered < limit or seen.opened < LEAST_PER_S:
        return None
    share = wilson(sum(peer.opened for peer in seen.peers), seen.opened)
    if share.low < FEW_SHARE:
        return None
    return Finding(
        Kind.REAL_FLOOD,
        min(ratio(view.answered, limit), ratio(odds(share.low), odds(FEW_SHARE))),
        (
            Evidence(
                "opened_by_few",
                share.value,
                FEW_SHARE,
                f"{len(seen.peers)} sources open {share.value:.0%} of {seen.opened:,} new "
                f"connections; {view.answered:,.0f} handshakes a second are completed, "
                f"usual are at most {usual:,.0f}",
            ),
            *_largest(seen),
        ),
        view.spoof_index,
        advice="mode `strict` bans sources that exceed limits.opened or limits.concurrent; "
        "first make sure that it is not a provider's shared address",
        # A crowd behind one provider's few shared addresses looks the same.
        most=0.7,
    )


def _largest(seen: Connections) -> tuple[Evidence, ...]:
    if not seen.peers:
        return ()
    peer = max(seen.peers, key=lambda one: one.concurrent)
    return (
        Evidence(
            "largest_source",
            peer.concurrent,
            None,
            f"{peer.address} holds {peer.concurrent:,} of them, {peer.silent:,} silent; "
            f"{seen.sources:,} sources in all",
        ),
    )
