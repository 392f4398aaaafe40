"""The process that sends a flood: checks where it is, sends what it was ordered, reports, ends.

Law: it refuses to send outside the lab, and it is bounded in packets and in seconds by itself.
"""

import sys
import time

from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.lab.exact import ExactGenerator
from floodwall.lab.fast import FastGenerator
from floodwall.lab.flood import Engine, FloodOrder
from floodwall.lab.process import give_report, say_ready, stop_at, take_order, yield_to_others
from floodwall.lab.safety import look_around, refuse_unless_lab

LONGEST_S = 900.0
MOST_PACKETS = 20_000_000_000
_GRACE_NS = 5_000_000_000  # for the last call and the report


def main() -> int:
    """Carry out the order on the standard input."""
    order = take_order(FloodOrder)
    try:
        refuse_without_bounds(order)
        refuse_unless_lab(look_around(), order.target)
        generator = prepare(order)
    except FloodwallError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    yield_to_others(order.cpu)
    say_ready()
    give_report(generator.run())
    return 0


def refuse_without_bounds(order: FloodOrder) -> None:
    """Raise ConfigError unless the order ends soon enough, and make the kernel keep that end."""
    end_ns = max((stop for _, stop in order.windows), default=0)
    if end_ns - time.monotonic_ns() > LONGEST_S * 1e9:
        raise ConfigError(f"refusing to send for more than {LONGEST_S:.0f} s")
    if not 0 < order.max_packets <= MOST_PACKETS:
        raise ConfigError(f"refusing to send more than {MOST_PACKETS} packets")
    stop_at(end_ns + _GRACE_NS)


def prepare(order: FloodOrder) -> ExactGenerator | FastGenerator:
    """Return the generator that suits the flood, ready to run."""
    return ExactGenerator(order) if order.flood.engine is Engine.EXACT else FastGenerator(order)


if __name__ == "__main__":
    sys.exit(main())
