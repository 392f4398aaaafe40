"""The process that sends a flood: checks where it is, sends what it was ordered, reports, ends.

Law: it refuses to send outside the lab, and it is bounded in packets and in seconds by itself.
"""

import sys

from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.lab.exact import ExactGenerator
from floodwall.lab.fast import FastGenerator
from floodwall.lab.flood import Engine, FloodOrder
from floodwall.lab.process import be_the_attacker, give_report, stop_at, take_order, wait_go
from floodwall.lab.safety import look_around, refuse_unless_lab

LONGEST_S = 900.0
MOST_PACKETS = 20_000_000_000
_GRACE_NS = 5_000_000_000  # for the last call and the report


def main() -> int:
    """Carry out the order on the standard input."""
    order = take_order(FloodOrder)
    try:
        refuse_without_bounds(order)
        refuse_unless_lab(look_around(), order.aim)
        generator = prepare(order)
    except FloodwallError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    be_the_attacker(order.cpu)
    base_ns = wait_go()
    windows = tuple((base_ns + start, base_ns + stop) for start, stop in order.windows)
    stop_at(windows[-1][1] + _GRACE_NS)
    give_report(generator.run(windows))
    return 0


def refuse_without_bounds(order: FloodOrder) -> None:
    """Raise ConfigError unless the order ends soon enough, in seconds and in packets."""
    if not order.windows or order.windows[-1][1] > LONGEST_S * 1e9:
        raise ConfigError(f"refusing to send for more than {LONGEST_S:.0f} s")
    if not 0 < order.max_packets <= MOST_PACKETS:
        raise ConfigError(f"refusing to send more than {MOST_PACKETS} packets")


def prepare(order: FloodOrder) -> ExactGenerator | FastGenerator:
    """Return the generator that suits the flood, ready to run."""
    return ExactGenerator(order) if order.flood.engine is Engine.EXACT else FastGenerator(order)


if __name__ == "__main__":
    sys.exit(main())
