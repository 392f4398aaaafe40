"""What becomes of a packet."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from floodwall.kernel._abi import Reason


class Action(IntEnum):
    """The verdicts of XDP, enum xdp_action of linux/bpf.h."""

    ABORTED = 0
    DROP = 1
    PASS = 2
    TX = 3


class Judgement(NamedTuple):
    """Verdict, counted reason and the bytes that leave; metadata stands in front of a pass."""

    action: Action
    reason: Reason
    output: bytes
    metadata: bytes = b""
    kernel_cookie: bool = False  # the reply carries a cookie that only the kernel can make


def action_of(reason: Reason) -> Action:
    """Return the verdict that a reason's name promises."""
    if reason.name.startswith("DROP"):
        return Action.DROP
    return Action.TX if reason.name.startswith("CHALLENGE") else Action.PASS


ACTIONS = {reason: action_of(reason) for reason in Reason}
