"""The process of one client network: new clients, transfers and one interactive session."""

import selectors
import sys
import time
from dataclasses import replace
from ipaddress import ip_address

from floodwall.lab.arrivals import Arrivals
from floodwall.lab.load import REPLY_WITHIN_S, ClientOrder, ClientReport
from floodwall.lab.long_lived import Session
from floodwall.lab.process import be_a_client, give_report, stop_at, take_order, wait_go

_LONGEST_PAUSE_S = 0.05  # whoever waited for too long is noticed as late
_GRACE_NS = 10_000_000_000


def main() -> int:
    """Carry out the order on the standard input."""
    order = take_order(ClientOrder)
    be_a_client(order.cpu)
    sessions = open_sessions(order)
    base_ns = wait_go()
    order = replace(order, start_ns=base_ns + order.start_ns, stop_ns=base_ns + order.stop_ns)
    stop_at(order.stop_ns + int(REPLY_WITHIN_S * 1e9) + _GRACE_NS)
    give_report(serve(order, sessions))
    return 0


def open_sessions(order: ClientOrder) -> list[Session]:
    """Open the long-lived connections; of each family's, the first is interactive."""
    sessions = []
    for target in order.targets:
        version = ip_address(target).version
        sources = [one for one in order.sources if ip_address(one).version == version]
        for number in range(order.long_lived):
            source = sources[-1 - number % len(sources)]
            sessions.append(Session(source, target, order.port, interactive=number == 0))
    return sessions


def serve(order: ClientOrder, sessions: list[Session]) -> ClientReport:
    """Run until all clients have come and gone, and tell how everybody fared."""
    with selectors.DefaultSelector() as selector:
        arrivals = Arrivals(order, selector)
        for session in sessions:
            session.watch(selector)
        while not arrivals.finished or time.monotonic_ns() < order.stop_ns:
            now = time.monotonic_ns()
            arrivals.tick(now)
            for session in sessions:
                session.tick(now)
            for key, _ in selector.select(_pause_s(arrivals, sessions)):
                key.data.handle(key.fileobj)
        now = time.monotonic_ns()
        long_lived = tuple(session.finish(now) for session in sessions)
    attempts = tuple(sorted(arrivals.attempts, key=lambda attempt: attempt.start_ns))
    return ClientReport(order.timestamps, attempts, long_lived)


def _pause_s(arrivals: Arrivals, sessions: list[Session]) -> float:
    """Return how long nothing is to be done, unless a socket becomes ready."""
    times = [session.next_ns() for session in sessions]
    due = arrivals.next_ns()
    if due is not None:
        times.append(due)
    if not times:
        return _LONGEST_PAUSE_S
    soonest = min(times) - time.monotonic_ns()
    return min(max(soonest / 1e9, 0.0), _LONGEST_PAUSE_S)


if __name__ == "__main__":
    sys.exit(main())
