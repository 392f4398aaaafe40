"""The process of attackers with real addresses: checks where it is, connects, reports, ends.

Law: it refuses to connect to anything outside the lab, and it is bounded in sockets and in seconds.
"""

import resource
import sys
from dataclasses import replace

from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.lab.connections import ConnectFlood, ConnectOrder
from floodwall.lab.flood_worker import LONGEST_S
from floodwall.lab.process import be_the_attacker, give_report, stop_at, take_order, wait_go
from floodwall.lab.safety import look_around, refuse_unless_inside

MOST_SOCKETS = 30_000
_SPARE = 100  # descriptors that are no attacker's
_GRACE_NS = 5_000_000_000  # to reset everything, and for the report


def main() -> int:
    """Carry out the order on the standard input."""
    order = take_order(ConnectOrder)
    try:
        refuse_without_bounds(order)
        refuse_unless_inside(look_around(), (*order.targets, *order.sources))
    except FloodwallError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    be_the_attacker(order.cpu)
    flood = ConnectFlood(replace(order, most=take_descriptors(order.most)))
    base_ns = wait_go()
    stop_at(base_ns + order.stop_ns + _GRACE_NS)
    give_report(flood.run(base_ns + order.start_ns, base_ns + order.stop_ns))
    return 0


def take_descriptors(wanted: int) -> int:
    """Raise this process's limit for so many sockets, and return how many it may have now."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted + _SPARE if most == resource.RLIM_INFINITY else min(wanted + _SPARE, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
    return limit - _SPARE


def refuse_without_bounds(order: ConnectOrder) -> None:
    """Raise ConfigError unless the order ends soon enough, in seconds and in sockets."""
    if not order.start_ns < order.stop_ns <= LONGEST_S * 1e9:
        raise ConfigError(f"refusing to attack for more than {LONGEST_S:.0f} s")
    if not 0 < order.most <= MOST_SOCKETS:
        raise ConfigError(f"refusing to open more than {MOST_SOCKETS} connections")


if __name__ == "__main__":
    sys.exit(main())
