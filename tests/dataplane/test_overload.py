"""More news than a socket can hold: it is counted, asked for again, and nothing is missing."""

from __future__ import annotations

import socket
import struct
import subprocess

import pytest

from floodwall.kernel.netlink import Netlink, counting_losses
from tests.support.namespace import own_namespace

pytestmark = [pytest.mark.root, pytest.mark.live]

ROUTE, GETADDR, ADDRESSES_GROUP = 0, 22, 5  # NETLINK_ROUTE, RTM_GETADDR, RTNLGRP_IPV4_IFADDR
_SOL_NETLINK, _ADD_MEMBERSHIP = 270, 1
_ASKED = struct.pack("=BBBBI", socket.AF_INET, 0, 0, 0, 0)
COUNT = 2000


def change(word: str) -> None:
    """Add or remove very many addresses."""
    lines = (f"address {word} 10.7.{n >> 8}.{n & 255}/32 dev lo\n" for n in range(COUNT))
    subprocess.run(["ip", "-batch", "-"], input="".join(lines), text=True, check=True)


def test_a_flood_of_news_is_counted_and_asked_for_again() -> None:
    """A small buffer, thousands of changes, a reader that sleeps: the dump is whole all the same.

    RELIABILITY number 20: the kernel says ENOBUFS to who listens and does not read.
    """
    with own_namespace(), Netlink(ROUTE, "addresses") as deaf, Netlink(ROUTE, "addresses") as fresh:
        deaf._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf._socket.bind((0, 0))  # who has no number yet gets no news
        deaf._socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, ADDRESSES_GROUP)
        change("add")
        with counting_losses() as losses:
            found = [bytes(view) for view in deaf.dump(GETADDR, _ASKED)]
        with counting_losses() as none:
            told = [bytes(view) for view in fresh.dump(GETADDR, _ASKED)]

        assert len(told) == COUNT + 1  # and 127.0.0.1
        assert found == told
        assert (losses.count >= 1, none.count) == (True, 0)
