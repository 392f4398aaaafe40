"""All checks, in the order in which they are told."""

from typing import Final

from floodwall.audit.check import Check
from floodwall.audit.checks import (
    conntrack,
    cookies,
    exposure,
    fighters,
    nic,
    operations,
    persistence,
    queue,
    routing,
    timers,
)

TOPICS: Final = {
    "SYN cookies": cookies.CHECKS,
    "queues": queue.CHECKS,
    "timers": timers.CHECKS,
    "connection tracking": conntrack.CHECKS,
    "routing": routing.CHECKS,
    "exposure": exposure.CHECKS,
    "network cards": nic.CHECKS,
    "who else is at work": fighters.CHECKS,
    "after the next boot": persistence.CHECKS,
    "readiness": operations.CHECKS,
}
"""Checks by topic; each topic is one file."""

CHECKS: Final[tuple[Check, ...]] = tuple(check for topic in TOPICS.values() for check in topic)
"""Every check."""
