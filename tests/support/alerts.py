"""A script of looks at the daemon and the alerts that must follow: `book >> look << alerts`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import msgspec

from floodwall.core.alert_troubles import SeenIncident, SeenService, Sighting
from floodwall.core.alerting import AlertState, Message, decide_alerts
from floodwall.core.settings_alerts import AlertPolicy

NOON = 12 * 60
START_S = 1_700_000_000.0
WEB = "*:443 nginx"


def look(at_s: float = 0.0, **more: Any) -> Sighting:
    """See a machine on which nothing is wrong, `at_s` after the start."""
    defaults: dict[str, Any] = {"now_s": START_S + at_s, "minute": NOON, "lease_s": 600.0}
    return Sighting(**(defaults | more))


def flood(at_s: float = 0.0, *, users: bool | None = True, **more: Any) -> Sighting:
    """See a flood against the web server; `more` is said of the service."""
    described: dict[str, Any] = {"kind": "spoofed_flood", "rung": "challenge", "armed": True} | more
    service = SeenService(WEB, users_get_in=users, canary_ms=3.0, **described)
    return look(
        at_s, incidents=(SeenIncident(WEB, "spoofed_flood", 12),), services=(service,), bans=2
    )


def silent(at_s: float, for_s: float, **more: Any) -> Sighting:
    """See nothing, since the daemon does not answer."""
    return look(at_s, silent_s=for_s, silence="no daemon can be reached", **more)


class AlertBook:
    """Feeds looks to `decide_alerts`; the state goes through JSON each time, as on disk."""

    def __init__(self, **policy: Any) -> None:
        self.policy = AlertPolicy(**policy)
        self.state = AlertState()
        self.messages: tuple[Message, ...] = ()

    def __rshift__(self, seen: Sighting) -> Self:
        """Look once."""
        state, self.messages = decide_alerts(self.state, seen, self.policy)
        self.state = msgspec.json.decode(msgspec.json.encode(state), type=AlertState)
        assert self.state == state
        return self

    def __lshift__(self, expected: Iterable[tuple[str, str, str]]) -> Self:
        """Compare event, key and urgency of what was sent."""
        said = [(m.event.value, m.key, m.urgency.name.lower()) for m in self.messages]

        assert list(expected) == said
        return self
