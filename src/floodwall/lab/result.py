"""What a run of the lab found: frozen values, the same for people, JSON and the picture."""

from dataclasses import dataclass
from enum import StrEnum

from floodwall.core.verdict import Kind
from floodwall.lab.pauses import Pauses


class Row(StrEnum):
    """The systems under test."""

    OFF = "off"
    ON = "on"
    FLOODWALL = "floodwall"
    GENERIC = "floodwall-generic"
    SYNPROXY = "synproxy"

    @property
    def label(self) -> str:
        """The name that people read."""
        return _LABELS[self]

    @property
    def is_floodwall(self) -> bool:
        """Floodwall in one of its forms."""
        return self in {Row.FLOODWALL, Row.GENERIC}


_LABELS = {
    Row.OFF: "kernel, cookies off",
    Row.ON: "kernel, cookies on",
    Row.FLOODWALL: "Floodwall",
    Row.GENERIC: "Floodwall, generic XDP",
    Row.SYNPROXY: "nftables synproxy alone",
}


@dataclass(frozen=True, slots=True)
class Service:
    """What new clients got in one phase; shares are 0..1, None where there is nothing to share."""

    attempted: int
    succeeded: int
    failures: dict[str, int]  # by how they ended
    connect_p50_ms: float | None
    connect_p99_ms: float | None
    without_retransmit: float | None
    window_scale_kept: float | None
    sack_kept: float | None
    window_scale_kept_without_timestamps: float | None
    sack_kept_without_timestamps: float | None

    @property
    def success(self) -> float:
        """Share of the attempts that were served in time."""
        return self.succeeded / self.attempted if self.attempted else 0.0


@dataclass(frozen=True, slots=True)
class Established:
    """What the connections that were there before saw; the worst silence in ms."""

    connections: int
    resets: int
    stalls: int
    worst_silence_ms: float
    retransmits: int


@dataclass(frozen=True, slots=True)
class Attack:
    """What was sent at the server and what it did; rates over the time of the flood."""

    engine: str
    offered: int
    received: int
    answered: int
    resets: int
    offered_pps: float
    received_pps: float
    answered_pps: float
    cpu_s_per_million: float | None
    cpu_s_per_million_answered: float | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What Floodwall called it; None where it said nothing."""

    shown: Kind | None
    after_s: float | None
    """From the first packet of the attack to the first verdict that is right."""
    seconds: dict[str, int]
    """In how many seconds of the attack each kind was told."""
    false_s: int
    """Seconds in which an attack was told though nobody attacked."""
    words: str
    """Evidence and advice of the last verdict that is right."""


@dataclass(frozen=True, slots=True)
class Defence:
    """What Floodwall told of itself; times None where the event did not happen."""

    mechanism: str
    ready_after_s: float
    first_challenge_after_ms: float | None
    arming_ms: float | None
    calm_after_s: float | None
    bans: int
    unproven_bans: int
    innocent_bans: int
    """Bans that touch a client, the server or its gateway."""
    verdicts: Verdicts
    back_after_s: float | None
    half_open_at_start: int
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class Behind:
    """What reached the servers behind a gateway."""

    half_open_max: int
    """The most half-open connections that one of them held."""
    forged: int
    """SYNs of nobody that arrived there."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """One system under test in one scenario."""

    row: Row
    quiet: Service
    service: Service
    established: Established
    attack: Attack | None
    pauses: Pauses
    """Of the server's CPU while clients were judged: the machine's doing, not the flood's."""
    defence: Defence | None
    leaks: tuple[str, ...]
    behind: Behind | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One part of a scenario's bar: what was wanted, what was found."""

    name: str
    wanted: str
    found: str
    met: bool


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """All rows of a scenario and the verdict on Floodwall's."""

    scenario: str
    seconds: float
    note: str
    rows: tuple[RowResult, ...]
    checks: tuple[Check, ...]

    @property
    def judged(self) -> bool:
        """A row of Floodwall is among the rows: the others are there to compare."""
        return any(row.row.is_floodwall for row in self.rows)

    @property
    def met(self) -> bool:
        """All of its bar is met."""
        return all(check.met for check in self.checks)
