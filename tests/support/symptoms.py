"""Symptoms as tests need them: a machine that is well, except for what a test names."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from floodwall.core.diagnosis.symptoms import LinkSigns, ServiceSigns, Symptoms
from floodwall.core.model import StackLimits
from floodwall.core.signs import Canary, Conntrack, CpuLoad, Peer
from tests.support.playbook import endpoint

DAY_S = 86_400.0
DOOR = endpoint("127.0.0.1", 80)
OPEN = Canary(DOOR, connected=True, took_ms=0.1)
REFUSED = Canary(DOOR, connected=False, why="Connection refused")
SILENT = Canary(DOOR, connected=False, why="no answer within 1.8 s")


def web(**more: Any) -> ServiceSigns:
    """Make nginx on port 80 with a backlog of 511, which answers."""
    usual: dict[str, Any] = {
        "bound": endpoint("0.0.0.0", 80),
        "process": "nginx",
        "pid": 700,
        "cpu_s": 0.1,
        "backlog": 511,
        "capacity": 511,
        "established": 40,
        "opened": 30,
        "silent": 2,
        "remotes": 30,
        "canary": OPEN,
    }
    return ServiceSigns(**(usual | more))


def machine(*services: ServiceSigns, cookies: int = 1, **more: Any) -> Symptoms:
    """Make a machine that has been up for a day, serves 20 connections a second, and is well."""
    usual: dict[str, Any] = {
        "seconds": 2.0,
        "kernel": "6.1.0",
        "uptime_s": DAY_S,
        "services": services or (web(),),
        "stack": StackLimits(tcp_syncookies=cookies),
        "moved": {"TcpPassiveOpens": 40, "TcpOutRsts": 2, "TcpInSegs": 800},
        "totals": {"TcpPassiveOpens": int(20 * DAY_S), "TcpOutRsts": int(DAY_S)},
        "links": (link(),),
        "conntrack": Conntrack(1000, 262_144, 0, 0, 0),
        "cpu": CpuLoad(0.1, 0.02, 0.04),
        "cpus": 8,
        "hints": (),
    }
    return Symptoms(**(usual | more))


def moved(**counters: int) -> dict[str, int]:
    """Count so much in the window, beside what a machine that is well counts."""
    return {"TcpPassiveOpens": 40, "TcpOutRsts": 2} | counters


def link(**more: Any) -> LinkSigns:
    """Make a link of 1 Gbit/s that carries 4 Mbit/s."""
    usual = LinkSigns(
        "eth0", 1_000_000, 2_000_000, 2000, 0, 1_000_000_000, total_packets=int(1000 * DAY_S)
    )
    return replace(usual, **more)


def flooded(**more: Any) -> ServiceSigns:
    """Make nginx with a queue full of strangers."""
    usual = {"half_open": 511, "stale": 500, "sources": 509, "gained": 10}
    return web(**(usual | more))


def peer(address: str, concurrent: int, silent: int = 0) -> Peer:
    """Make what one address holds."""
    return Peer(ip_address(address), concurrent, silent, 0)
