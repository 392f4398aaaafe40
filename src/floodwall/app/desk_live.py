"""What a screen asks for once a second: everything that goes on at this moment."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from floodwall import __version__
from floodwall.app.changes import Changes
from floodwall.app.defence import Defence
from floodwall.app.desk import Verb
from floodwall.app.desk_bans import From
from floodwall.app.peer import Peer, Role
from floodwall.core.live import Live
from floodwall.core.model import SECOND_NS
from floodwall.core.protocol import page


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands around a second: how the defence itself is."""

    pid: int
    program: str
    uptime_s: float
    lease_s: float
    rung: str
    """Where on the mechanism ladder it stands."""
    interfaces: tuple[Mapping[str, Any], ...]
    """Each with its `rung`, and why not a better one: `refused`."""
    bans: int
    never_ban: int
    trouble: str
    trial: Mapping[str, Any] | None
    """Settings that are on trial: `origin`, `left_s`, `who`."""


class LiveDesk:
    """Answers what goes on; the services come in pages."""

    def __init__(self, look: Callable[[], Live | None], standing: Callable[[], Standing]) -> None:
        self._look = look
        self._standing = standing

    def verbs(self) -> dict[str, Verb]:
        """Return the verbs of this desk."""
        return {"live": Verb(Role.VIEW, From, self._tell)}

    def _tell(self, _: Peer, asked: From) -> Mapping[str, Any]:
        live = self._look()
        whole: dict[str, Any] = {} if live is None else msgspec.to_builtins(live)
        services = whole.pop("services", [])
        whole["standing"] = msgspec.to_builtins(self._standing())
        rows, more = page(services, asked.begin, used_bytes=len(json.dumps(whole)))
        return {**whole, "services": rows, "next": more}


def standing_of(defence: Defence, changes: Changes, began_ns: int, now_ns: int) -> Standing:
    """Say how a defence is that runs since `began_ns`."""
    plan, trial = defence.plan, changes.trial
    return Standing(
        pid=os.getpid(),
        program=__version__,
        uptime_s=(now_ns - began_ns) / SECOND_NS,
        lease_s=defence.lease_s(now_ns),
        rung=plan.rung if plan else "",
        interfaces=tuple(msgspec.to_builtins(each) for each in plan.interfaces) if plan else (),
        bans=len(defence.seen.bans or {}),
        never_ban=len(defence.state.never_ban or {}),
        trouble=defence.trouble,
        trial=None
        if trial is None
        else {
            "origin": trial.origin,
            "left_s": (trial.deadline_ns - now_ns) / SECOND_NS,
            "who": trial.who,
        },
    )
