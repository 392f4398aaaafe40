"""What a scenario declares: who attacks, who visits, for how long, and the bar to be met."""

from dataclasses import dataclass

from floodwall.lab.flood import Flood
from floodwall.lab.nginx import BACKLOG


@dataclass(frozen=True, slots=True)
class Bar:
    """What Floodwall must show in a scenario; None is not asked for."""

    success: float = 0.999
    p99_times_quiet: float | None = None
    options_kept: bool = False
    cpu_share_of_cookies: float | None = None
    arming_ms: float | None = None
    calm_s: float | None = None
    back_s: float | None = None
    unchallenged: bool = False


@dataclass(frozen=True, slots=True)
class Visitors:
    """More real clients while the flood would be on; `addresses` None is as many as there are."""

    rate_per_s: float
    addresses: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One rehearsal.  Times in seconds; the phase that is judged is called the attack."""

    name: str
    summary: str
    floods: tuple[Flood, ...] = ()
    visitors: Visitors | None = None
    clients_per_s: float = 100.0
    seconds: float = 10.0
    full_seconds: float | None = None  # with --full
    judged_s: float | None = None  # only the last seconds of the attack are judged
    backlog: int = BACKLOG
    defended_after_s: float | None = None  # Floodwall is started so long after the flood
    note: str = ""
    bar: Bar = Bar()
