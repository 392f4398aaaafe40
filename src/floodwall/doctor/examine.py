"""The examination: look, try every door, wait, look again."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.core.signs import Canary
from floodwall.doctor.doors import try_doors
from floodwall.doctor.firewall import has_firewall
from floodwall.doctor.live import Eyes
from floodwall.doctor.past import read_past
from floodwall.doctor.sample import Sample
from floodwall.doctor.window import Beside, between

WINDOW_S = 2.0
"""Long enough that a SYN-ACK was sent again (1 s), short enough to wait for."""

_SPARE_S = 0.2  # of the window, for the doors to be closed in
_LEAST_PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Request:
    """How to examine."""

    window_s: float = WINDOW_S
    reduced: bool = False
    """Use /proc alone."""
    speeds: Mapping[str, int] = field(default_factory=dict)
    """Bits a second that the operator knows of, by interface."""
    guarded: bool = False
    """A daemon of ours runs here."""
    held_off: tuple[str, ...] = ()
    """What it holds off, a service each."""


def examine(request: Request) -> Symptoms:
    """Return what the machine shows; takes as long as the window."""
    eyes = Eyes(reduced=request.reduced)
    before = eyes.look()
    # Under a flood a look takes a part of a second, which counts.
    ends = before.at_s + request.window_s
    patience_s = max(ends - time.monotonic() - _SPARE_S, _LEAST_PATIENCE_S)
    sockets = before.sockets
    canaries, trouble = try_doors(sockets, patience_s) if sockets else ({}, "")
    hints = read_past()
    time.sleep(max(0.0, ends - time.monotonic()))
    after = eyes.look()
    unseen = [f"whether listeners answer: {trouble}"] if trouble else []
    if hints is None:
        unseen.append("the kernel's log: needs root, or is kept from us here")
    unseen += _strangers(eyes, after)
    beside = Beside(
        owners=eyes.owners,
        canaries=canaries,
        hints=hints,
        speeds=request.speeds,
        firewall=has_firewall() if _any_shut(canaries.values()) else None,
        guarded=request.guarded,
        held_off=request.held_off,
        unseen=tuple(unseen),
    )
    return between(before, after, beside)


def _any_shut(canaries: Iterable[Canary]) -> bool:
    return any(not canary.connected for canary in canaries)


def _strangers(eyes: Eyes, sample: Sample) -> list[str]:
    listening = sample.sockets.listening if sample.sockets is not None else ()
    unknown = sum(
        one.inode not in eyes.owners or eyes.owners[one.inode].pid is None for one in listening
    )
    if not unknown:
        return []
    some = f"{unknown} of {len(listening)} listening sockets"
    return [f"the processes of {some}: not root, or in another container"]
