"""A daemon that says what a test wants, over a real control socket."""

from __future__ import annotations

import selectors
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from floodwall.app.control import Bounds, ControlServer
from floodwall.app.desk import Desk, Verb
from floodwall.app.desk_live import LiveDesk, Standing
from floodwall.core.live import CanaryTally, Live, LiveIncident, LiveMachine, LiveService
from floodwall.core.verdict import Evidence, Interval


@contextmanager
def serving(
    run: Path, verbs: Mapping[str, Verb], bounds: Bounds | None = None
) -> Iterator[list[str]]:
    """Serve requests in a thread for as long as a block runs; yields its complaints."""
    over, complaints = threading.Event(), list[str]()
    with selectors.DefaultSelector() as selector:
        answer = Desk(verbs, complaints.append).answer
        server = ControlServer(run, selector, answer, time.monotonic_ns(), bounds)

        def serve() -> None:
            while not over.is_set():
                for key, _ in selector.select(0.02):
                    server.serve(key.fd, time.monotonic_ns())
                server.tend(time.monotonic_ns())

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield complaints
        finally:
            over.set()
            thread.join()
            server.close()


CALM = LiveService(
    index=0,
    name="*:443 nginx",
    port=443,
    mode="protect",
    mechanism="handover",
    confidence=0.98,
    rates={
        "syns": 41,
        "passed": 41,
        "challenged": 0,
        "proven": 0,
        "bad_acks": 0,
        "completed": 40,
    },
    totals={"syns": 41000, "passed": 41000, "completed": 40900},
    pending=3,
    high=64,
    capacity=128,
    half_open=2,
    waiting=0,
    backlog=128,
    established=812,
    silent=3,
    sources=640,
    canary=CanaryTally(60, 0, connected=True, took_ms=0.06, median_ms=0.05, worst_ms=0.4),
)
"""A web server on a usual day."""

FLOODED = replace(
    CALM,
    kind="spoofed_flood",
    confidence=0.97,
    since_s=42.0,
    evidence=(
        Evidence("unanswered", 48211, 64, "48,211 SYNs a second stayed unanswered, usual is 1"),
        Evidence("canary_ms", 0.09, None, "our own handshake took 0.09 ms"),
    ),
    spoof=Interval(0.998, 0.996, 0.999),
    advice="raise the backlog of nginx: listen 443 backlog=4096",
    rung="challenge",
    reason="armed *:443 nginx: 71 handshakes were pending, above 64",
    armed_for_s=41.0,
    rates={
        "syns": 48254,
        "passed": 3,
        "challenged": 48251,
        "proven": 42,
        "bad_acks": 7,
        "completed": 43,
    },
    pending=9,
    canary=CanaryTally(60, 1, connected=True, took_ms=0.09, median_ms=0.08, worst_ms=3.1),
)
"""The same in a flood that is answered."""

SSH = replace(CALM, index=1, name="*:22 sshd", port=22, established=2, sources=1)
MACHINE = LiveMachine(
    confidence=0.95,
    busy=0.31,
    softirq=0.12,
    busiest_softirq=0.2,
    conntrack=0.01,
    received_bit_s=3.1e7,
    sent_bit_s=2.6e7,
    received_packet_s=48900,
    link_bit_s=1_000_000_000,
    stack={"listen_overflows": 0, "cookies_sent": 0},
    reasons={"challenge_flood": 48251, "drop_bad_ack": 7, "pass_established": 640},
    reason_totals={"challenge_flood": 2_026_542, "drop_bad_ack": 294, "drop_banned": 12},
)
FLOOD = LiveIncident("*:443 nginx", "spoofed_flood", "a SYN flood from forged addresses", 42.0, 0.0)


@dataclass
class FakeDaemon:
    """What is said; change it, and it is said from then on."""

    services: tuple[LiveService, ...] = (CALM, SSH)
    machine: LiveMachine = MACHINE
    incidents: tuple[LiveIncident, ...] = ()
    standing: Standing = field(
        default_factory=lambda: Standing(
            pid=4711,
            program="0.1.0",
            uptime_s=93_784.0,
            lease_s=598.0,
            rung="XDP",
            interfaces=({"name": "eth0", "index": 2, "rung": "native XDP", "refused": []},),
            bans=2,
            never_ban=7,
            trouble="",
            trial=None,
        )
    )
    blind: dict[str, str] = field(default_factory=dict)
    counted: bool = True
    silent: bool = False
    """True before the first second."""

    def look(self) -> Live | None:
        """Return what is said now."""
        if self.silent:
            return None
        return Live(
            at_ns=time.monotonic_ns(),
            wall_s=time.time(),
            services=self.services,
            machine=self.machine,
            incidents=self.incidents,
            blind=self.blind,
            counted=self.counted,
        )

    def flood(self) -> None:
        """Let the flood begin."""
        self.services = (FLOODED, SSH)
        self.incidents = (FLOOD,)

    def verbs(self) -> dict[str, Verb]:
        """Return what can be asked."""
        return LiveDesk(self.look, lambda: self.standing).verbs()
