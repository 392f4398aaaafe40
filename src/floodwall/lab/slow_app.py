"""The process of an application that hangs: a short backlog, and no connection is ever accepted.

Its accept queue is full after a few clients, and nobody attacks it.
"""

import ctypes
import socket
import sys
from dataclasses import dataclass

from floodwall.lab.process import be_the_server, take_order, wait_go

PORT = 8080
BACKLOG = 5
NAME = "slow-app"  # as ps shows it
_PR_SET_NAME = 15  # prctl(2)


@dataclass(frozen=True, slots=True)
class SlowOrder:
    """Where it hangs."""

    cpu: int


def main() -> int:
    """Listen, and do nothing else until it is told to go, which in the lab nobody does."""
    order = take_order(SlowOrder)
    be_the_server(order.cpu)
    ctypes.CDLL(None).prctl(_PR_SET_NAME, NAME.encode(), 0, 0, 0)
    with listener():
        wait_go()
    return 0


def listener() -> socket.socket:
    """Return its socket: one queue for both families."""
    made = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.bind(("::", PORT))
    made.listen(BACKLOG)
    return made


if __name__ == "__main__":
    sys.exit(main())
