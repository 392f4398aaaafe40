"""Records for tests: clocks that obey, decisions that were never made, files that misbehave."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from floodwall.core.address import Address, Network
from floodwall.core.commands import Ban, Lift, RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.model import SECOND_NS, Endpoint, Mechanism, Service
from floodwall.core.observation import Observation
from floodwall.core.settings import ServiceMode
from floodwall.core.settings_record import RecordPolicy
from floodwall.core.verdict import Evidence, Interval, Kind, Verdict
from floodwall.store.moment import Anchor, Moment
from floodwall.store.recorder import GIVE_UP_NS, Recorder
from floodwall.store.recordfile import Run
from floodwall.store.restored import Restored

WALL_NS = 1_800_000_000 * SECOND_NS
"""A day in January 2027."""

BEGAN_NS = 1000 * SECOND_NS
HOUR_NS = 3600 * SECOND_NS
_FIRST: tuple[Address, Address] = (ip_address("198.18.0.0"), ip_address("2001:db8::"))


def moment(seconds: float = 0, wall_jump_s: float = 0) -> Moment:
    """Return an instant `seconds` after the beginning, on a wall clock that was set by a jump."""
    since_ns = int(seconds * SECOND_NS)
    return Moment(BEGAN_NS + since_ns, WALL_NS + since_ns + int(wall_jump_s * SECOND_NS))


def life(name: str = "first", boot: str = "boot", at: Moment | None = None) -> Run:
    """Return a run of the daemon."""
    return Run(name, Anchor(boot, at or moment()), 4711, "0.1.0")


def network(number: int) -> Network:
    """Return one of very many single addresses, IPv4 and IPv6 in turn."""
    return ip_network(_FIRST[number % 2] + number)


def decision(act: Act, text: str = "because of it", **more: Any) -> Decision:
    """Return a decision with one piece of evidence."""
    evidence = (Evidence("silent", 70, 64, "70 silent connections"),)
    fields: dict[str, Any] = {
        "at_ns": BEGAN_NS,
        "act": act,
        "rule": "abuse.silent",
        "subject": "something",
        "text": text,
        "evidence": evidence,
    }
    return Decision(**(fields | more))


def ban(target: Network, until_ns: int, **more: Any) -> Ban:
    """Return the command that bans."""
    made = decision(
        Act.BAN,
        **{
            "network": target,
            "until_ns": until_ns,
            "subject": str(target),
            "undone_by": f"floodwall unban {target}",
            **more,
        },
    )
    return Ban(target, until_ns, made)


def lift(target: Network, **more: Any) -> Lift:
    """Return the command that lifts a ban."""
    return Lift(target, decision(Act.LIFT, network=target, subject=str(target), **more))


def note(act: Act, text: str = "told", **more: Any) -> RecordDecision:
    """Return a decision that needs no other command."""
    return RecordDecision(decision(act, text, **more))


def service(index: int = 0, port: int = 80) -> Service:
    """Return a service of an nginx."""
    bound = Endpoint(ip_address("0.0.0.0"), port)
    return Service(index, bound, 0, (), ServiceMode.PROTECT, Mechanism.HANDOVER, 128)


def verdict(kind: Kind, index: int | None = 0, confidence: float = 0.9) -> Verdict:
    """Return a verdict with evidence and a spoof index."""
    return Verdict(
        index,
        kind,
        confidence,
        BEGAN_NS,
        evidence=(Evidence("syn_rate", 90_000, 1200, "90,000 SYN/s"),),
        spoof_index=Interval(0.99, 0.98, 0.995),
        advice="raise the backlog",
        rates={"syns": 90_000.0},
    )


def seen(seconds: float, **more: Any) -> Observation:
    """Return what was observed so long after the beginning."""
    return Observation(now_ns=moment(seconds).ns, **more)


class Diary:
    """A recorder with a clock that obeys: seconds after the beginning are given to each call."""

    def __init__(self, directory: Path, run: Run | None = None, **policy: Any) -> None:
        """Begin a run in a directory."""
        began = (run or life()).began.moment
        self.jump_s = (began.wall_ns - WALL_NS - (began.ns - BEGAN_NS)) / SECOND_NS
        self.recorder = Recorder(
            directory, RecordPolicy(**policy), run or life(), self._ahead_ns, patience_s=5
        )
        self.found = self.recorder.load(began.ns + GIVE_UP_NS, 10) or Restored()

    def _ahead_ns(self) -> int:
        return WALL_NS - BEGAN_NS + int(self.jump_s * SECOND_NS)

    def second(
        self, at_s: float, commands: Iterable[Any] = (), kind: Kind | None = None, **more: Any
    ) -> bool:
        """Tell a second of one service, with its verdict if there is one."""
        verdicts: dict[int | None, Verdict] = {0: verdict(kind)} if kind else {}
        services = {0: service()}
        return self.recorder.write(seen(at_s, **more), services, verdicts, list(commands))

    def done(self, at_s: float, *errors: str) -> None:
        """Tell what became of the commands."""
        self.recorder.done(moment(at_s).ns, errors)

    def flush(self) -> None:
        """Wait until the writer has nothing to do, and die without a word."""
        self.recorder.abandon(10)


@contextmanager
def looking(directory: Path) -> Iterator[sqlite3.Connection]:
    """Open the file of a record beside everything else."""
    connection = sqlite3.connect(directory / "record.db")
    try:
        yield connection
    finally:
        connection.close()


def rows(directory: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return what a query gives."""
    with looking(directory) as connection:
        return connection.execute(sql).fetchall()
