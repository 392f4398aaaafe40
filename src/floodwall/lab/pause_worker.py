"""The process that watches whether the server's CPU stands still."""

import sys

from floodwall.lab.pauses import PauseOrder, watch
from floodwall.lab.process import be_the_watcher, give_report, stop_at, take_order, wait_go

_GRACE_NS = 5_000_000_000


def main() -> int:
    """Carry out the order on the standard input."""
    order = take_order(PauseOrder)
    be_the_watcher(order.cpu)
    base_ns = wait_go()
    stop_at(base_ns + order.stop_ns + _GRACE_NS)
    give_report(watch(base_ns + order.start_ns, base_ns + order.stop_ns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
