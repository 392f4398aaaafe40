"""What a scenario declares: who attacks, who visits, for how long, and the bar to be met."""

from dataclasses import dataclass

from floodwall.core.verdict import Kind
from floodwall.lab.connections import Crowd
from floodwall.lab.flood import Flood
from floodwall.lab.nginx import BACKLOG, DESCRIPTORS, PORT


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
    verdicts: tuple[Kind, ...] = (Kind.CALM,)
    """What the defence may call it, the first being what it is."""
    verdict_s: float = 2.0
    """How soon after the first packet of the flood; not asked for where nobody attacks."""
    names: str = ""
    """What the evidence or the advice must name."""
    answers_per_syn: float | None = None
    """Packets sent to forged sources for each of theirs."""
    cpu_share_of_synproxy: float | None = None
    half_open_behind: int | None = None
    """On each server behind a gateway; so many forged SYNs may reach them before it arms."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """More real clients while the flood would be on; `addresses` None is as many as there are."""

    rate_per_s: float
    addresses: int | None = None
    port: int = PORT
    judged: bool = True
    """Whether they must be served: whoever visits an application that hangs cannot be."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One rehearsal.  Times in seconds; the phase that is judged is called the attack."""

    name: str
    summary: str
    floods: tuple[Flood, ...] = ()
    visitors: Visitors | None = None
    crowd: Crowd | None = None
    slow_app: bool = False
    """An application that hangs listens beside nginx."""
    guarded: bool = False
    """The gateway, an SSH-like peer and allowed clients hold sessions; floods may forge them."""
    descriptors: int = DESCRIPTORS
    """Files and sockets that nginx may have open."""
    more_ports: tuple[int, ...] = ()
    """Ports that nginx listens on beside its own."""
    clients_per_s: float = 100.0
    seconds: float = 10.0
    full_seconds: float | None = None  # with --full
    judged_s: float | None = None  # only the last seconds of the attack are judged
    backlog: int = BACKLOG
    defended_after_s: float | None = None  # Floodwall is started so long after the flood
    settings: str = ""
    """The settings file of the daemon, TOML."""
    note: str = ""
    bar: Bar = Bar()

    @property
    def is_about_processes(self) -> bool:
        """It is about what runs on the server itself, which a gateway has not."""
        return self.slow_app or self.guarded or self.crowd is not None
