"""Two namespaces joined by a veth pair: a server that can be protected, and a client."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from floodwall.kernel.failure import check
from floodwall.kernel.libbpf import libbpf
from floodwall.kernel.links import Link
from floodwall.kernel.netns import enter
from floodwall.kernel.programs import XDP_TYPE
from floodwall.kernel.rtnetlink import link
from tests.support.namespace import ip, own_namespace

SERVER = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
CLIENT = {socket.AF_INET: "192.0.2.2", socket.AF_INET6: "2001:db8::2"}


@dataclass(frozen=True, slots=True)
class TwoHosts:
    """This thread is on the server, whose interface is `ifindex`; `client_ns` is a descriptor."""

    ifindex: int
    client_ns: int

    def connect(self, port: int, family: int = socket.AF_INET) -> socket.socket:
        """Connect from the client within 2 s."""
        with enter(self.client_ns):
            made = socket.socket(family, socket.SOCK_STREAM)
        made.settimeout(2.0)
        try:
            made.connect((SERVER[socket.AddressFamily(family)], port))
        except OSError:
            made.close()
            raise
        return made


@contextmanager
def two_hosts() -> Iterator[TwoHosts]:
    """Make both for as long as the block runs, and put this thread on the server."""
    with own_namespace():
        client_ns = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            with own_namespace():
                there = f"/proc/{os.getpid()}/fd/{client_ns}"
                ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", there)
                _configure("near", SERVER.values())
                with enter(client_ns):
                    _configure("far", CLIENT.values())
                    taker = take_replies(link("far").index)
                with taker:
                    yield TwoHosts(link("near").index, client_ns)
        finally:
            os.close(client_ns)


def take_replies(ifindex: int) -> Link:
    """Attach a program that passes everything.

    A veth device leaves what its peer sends by XDP_TX in a ring until somebody polls, unless it
    has an XDP program of its own; NAPI by GRO alone does not help: veth_xdp_flush() asks for the
    program.
    """
    # Register 0 becomes XDP_PASS; return.
    passing = struct.pack("=BBhi", 0xB7, 0, 0, 2) + struct.pack("=BBhi", 0x95, 0, 0, 0)
    fd = libbpf().calls.bpf_prog_load(XDP_TYPE, b"take_replies", b"GPL", passing, 2, None)
    check(fd, "load a program")
    try:
        return Link.xdp(fd, ifindex)
    finally:
        os.close(fd)


def _configure(name: str, addresses: Iterable[str]) -> None:
    for address in addresses:
        wide = ("/64", "nodad") if ":" in address else ("/24",)
        ip("address", "add", address + wide[0], "dev", name, *wide[1:])
    ip("link", "set", name, "up")
