"""Incidents on record for tests of the bundle: a flood, abusers, forged sources, hostile words."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

from floodwall.bundle.case import Case, case_of
from floodwall.bundle.figures import figures_of
from floodwall.bundle.sources import sources_of
from floodwall.bundle.telling import Material
from floodwall.bundle.victim import victim_of
from floodwall.core.commands import Ban
from floodwall.core.decision import Act
from floodwall.core.model import SECOND_NS, Endpoint, Reading
from floodwall.core.settings_report import ReportPolicy
from floodwall.core.signs import Canary, Signs
from floodwall.core.verdict import Evidence, Kind
from floodwall.store.history import History
from floodwall.store.moment import Anchor
from tests.support.packets import TCP, Ethernet, IPv4
from tests.support.records import (
    BEGAN_NS,
    HOUR_NS,
    WALL_NS,
    Diary,
    ban,
    lift,
    moment,
    note,
    service,
)

EVIL = "=cmd|'/C calc'!A1<script>alert(1)</script>\x1b[31m\nBcc: x@example.com"
REPORTER = ReportPolicy(
    organisation="Example Hosting", contact="noc@example.net", addresses=(ip_address("192.0.2.80"),)
)
OPENED_S = WALL_NS / SECOND_NS + 1
ABUSER = "198.51.100.7"
ABUSER6 = "2001:db8:1::7"


def abuse(address: str, count: int = 900, limit: int = 300, **more: object) -> Ban:
    """Return the ban of an address that held more connections than it may."""
    text = f"{count} connections open, more than {limit}"
    fields = {
        "rule": "limits.concurrent",
        "service": 0,
        "text": f"banned {address} for 10m: {text} (limits.concurrent)",
        "evidence": (
            Evidence("concurrent_connections", count, limit, text),
            Evidence("source_port", 40_001, text="one of them from port 40001"),
        ),
    }
    return ban(ip_network(address), BEGAN_NS + HOUR_NS, **(fields | more))


def write_record(directory: Path, *, closed: bool = True, evil: bool = False) -> Path:
    """Keep the record of a flood of 40 s with two abusers and three others; return its file."""
    diary = Diary(directory)
    text = EVIL if evil else "a SYN flood"
    opened = note(Act.OPEN_INCIDENT, f"*:80: {text}", service=0)
    rest = [
        abuse(ABUSER),
        abuse(ABUSER6, 400),
        ban(ip_network("203.0.113.5"), 0, rule="recipes.half_open", service=0, text=text),
        ban(ip_network("203.0.113.0/24"), 0, rule="operator", service=0, who="uid 0 (root)"),
        abuse("192.168.7.7"),
    ]
    for second in range(41):
        commands = [opened] if second == 1 else rest if second == 5 else []
        kind = Kind.MIXED_FLOOD if second else None
        diary.second(second, commands, kind, **_seen(second))
        if commands:
            diary.done(second, *([""] * len(commands)))
    if closed:
        diary.second(41, [note(Act.CLOSE_INCIDENT, "*:80: is over", service=0)], Kind.CALM)
        diary.done(41, "")
    diary.flush()
    return directory / "record.db"


def free(directory: Path, address: str) -> None:
    """Let an operator lift a ban after the incident was written."""
    diary = Diary(directory)
    diary.second(50, [lift(ip_network(address), rule="operator", who="uid 0 (root)")])
    diary.done(50, "")
    diary.flush()


def case_in(path: Path, number: int = 1) -> Case:
    """Return the case of an incident on record."""
    with History.of(path, Anchor("boot", moment(3600))) as history:
        case = case_of(history, number)
    assert case is not None
    return case


def material_of(case: Case) -> Material:
    """Return what a bundle of a case is made of, without a capture."""
    victim = victim_of(case.incident.service, REPORTER.addresses)
    return Material(case, victim, figures_of(case), sources_of(case))


def frames(begin: float, count: int = 600, port: int = 80) -> list[tuple[float, bytes]]:
    """Make SYNs of sources that never come again, 500 a second."""
    return [
        (
            OPENED_S + begin + n / 500,
            bytes(
                Ethernet()
                / IPv4(f"203.0.{n >> 8}.{n & 255}", "192.0.2.80")
                / TCP(1024 + n, port, flags="S")
            ),
        )
        for n in range(count)
    ]


def _seen(second: int) -> dict[str, object]:
    """Return what was sensed: 1,000 SYN/s and a canary that fails in every tenth second."""
    canary = Canary(Endpoint(service().bound.address, 80), second % 10 != 0, 1.5)
    reading = Reading(0, syns=1000 * second, challenged=900 * second, completed=40 * second)
    return {"readings": (reading,), "signs": Signs(canaries=(canary,))}
