"""The rest of what a fake daemon is asked: bans, incidents, events, settings, from a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from floodwall.app.desk import Nothing, Verb
from floodwall.app.desk_arming import ForAWhile, Which
from floodwall.app.desk_bans import From, Networks, Span
from floodwall.app.desk_record import About, Behind, Newest, PartOf
from floodwall.app.desk_settings import Text, Trial
from floodwall.app.peer import Peer, Role
from floodwall.core.errors import ConfigError, NotSupported
from floodwall.core.settings import Settings
from floodwall.core.settings_file import parse_settings
from tests.support.fake_daemon import FakeDaemon

OPENED = "2026-11-21T03:14:07.512Z"
INCIDENT: dict[str, Any] = {
    "id": 12,
    "service": "*:443 nginx",
    "kind": "spoofed_flood",
    "rule": "incident",
    "opened": OPENED,
    "opened_text": "*:443 nginx: a SYN flood from forged addresses",
    "closed": None,
    "closed_text": "",
    "lasted_s": 42.0,
    "step_s": 1,
    "peak": {"syns": 51_204.0, "challenged": 51_200.0, "half_open": 71.0, "received_bit_s": 3.3e7},
}
OVER = INCIDENT | {
    "id": 11,
    "kind": "flash_crowd",
    "closed": "2026-11-20T21:05:00.000Z",
    "opened": "2026-11-20T20:58:00.000Z",
    "closed_text": "*:443 nginx: a flash crowd, which is no attack is over after 6m",
    "lasted_s": 420.0,
}
EVIDENCE = [{"name": "pending", "value": 71.0, "limit": 64.0, "text": "71 pending, arms above 64"}]
DECISIONS: list[dict[str, Any]] = [
    {
        "id": 31 - n,
        "at": f"2026-11-21T03:14:{10 - 2 * n:02}.512Z",
        "act": act,
        "rule": rule,
        "subject": "*:443 nginx",
        "text": text,
        "service": "*:443 nginx",
        "network": network,
        "until": None,
        "undone_by": "its expiry; floodwall unban",
        "who": "floodwall",
        "evidence": EVIDENCE,
        "incident": 12,
        "actions": [],
    }
    for n, (act, rule, text, network) in enumerate(
        (
            ("ban", "limits.concurrent", "banned 198.51.100.7: 900 connections", "198.51.100.7/32"),
            ("arm", "arming", "armed *:443 nginx: 71 handshakes were pending, above 64", None),
            ("open_incident", "incident", "*:443 nginx: a SYN flood from forged addresses", None),
        )
    )
]
VERDICTS = [
    {
        "at": OPENED,
        "service": "*:443 nginx",
        "kind": "spoofed_flood",
        "confidence": 0.97,
        "spoof_index": [0.998, 0.996, 0.999],
        "advice": "raise the backlog of nginx",
        "evidence": EVIDENCE,
        "rates": {},
    }
]
SERIES = [
    {
        "tick": n - 10,
        "at": f"2026-11-21T03:{13 + (n + 57) // 60}:{(n + 57) % 60:02}.000Z",
        "facts": {
            "syns": 40.0 if n < 10 else 48_000.0 + 137 * (n % 11),
            "challenged": 0.0 if n < 10 else 47_900.0,
            "proven": 0.0 if n < 10 else 41.0 + n % 3,
            "dropped": float(n % 5),
        },
    }
    for n in range(60)
]
_REASON = "brute force on the log-in"


@dataclass
class FakeDesk(FakeDaemon):
    """A daemon that can be asked everything; what it is asked to do is in `asked`."""

    bans: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "198.51.100.7/32": _row("198.51.100.7/32", 540.0, "900 connections at once", 4211),
            "2001:db8:bad::/48": _row("2001:db8:bad::/48", None, _REASON, 77),
        }
    )
    allowed: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"192.0.2.0/24": _row("192.0.2.0/24", None, "our office")}
    )
    events: list[dict[str, Any]] = field(
        default_factory=lambda: [
            _event(1, "note", "settings reloaded"),
            _event(2, "open_incident", "*:443 nginx: a SYN flood from forged addresses", 12),
            _event(3, "arm", "armed *:443 nginx: 71 handshakes were pending, above 64", 12),
        ]
    )
    incident_rows: list[dict[str, Any]] = field(
        default_factory=lambda: [dict(INCIDENT), dict(OVER)]
    )
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    """Who asked, the verb, and the arguments."""
    text: str = "[arming]\nhold_s = 20\n"

    def verbs(self) -> dict[str, Verb]:
        """Return everything that can be asked."""
        view, do = Role.VIEW, Role.OPERATE
        return {
            **FakeDaemon.verbs(self),
            "bans": Verb(view, From, lambda _, __: _rows(self.bans.values())),
            "allowed": Verb(view, From, lambda _, __: _rows(self.allowed.values())),
            "incidents": Verb(view, Newest, lambda _, __: _rows(self.incident_rows)),
            "incident": Verb(view, PartOf, self._incident),
            "events": Verb(view, Behind, self._events),
            "why": Verb(view, About, self._why),
            "settings": Verb(view, Nothing, self._settings),
            "ban": Verb(do, Span, lambda peer, asked: self._add(peer, "ban", self.bans, asked)),
            "allow": Verb(
                do, Span, lambda peer, asked: self._add(peer, "allow", self.allowed, asked)
            ),
            "unban": Verb(do, Networks, lambda p, asked: self._remove(p, "unban", asked)),
            "disallow": Verb(do, Networks, lambda p, asked: self._remove(p, "disallow", asked)),
            "arm": Verb(do, ForAWhile, lambda p, asked: self._note(p, "arm", asked)),
            "calm": Verb(do, Which, self._calm),
            "plan": Verb(do, Text, self._plan),
            "try": Verb(do, Trial, self._try),
            "confirm": Verb(do, Nothing, self._end_trial("confirm")),
            "reject": Verb(do, Nothing, self._end_trial("reject")),
        }

    def _note(self, peer: Peer, verb: str, asked: Any) -> dict[str, Any]:
        self.asked.append((peer.behalf, verb, asked))
        return {"refused": {}}

    def _add(
        self, peer: Peer, verb: str, rows: dict[str, dict[str, Any]], asked: Span
    ) -> dict[str, Any]:
        told = self._note(peer, verb, asked)
        for network in asked.networks:
            if network.startswith("127."):
                told["refused"][network] = "own address"
                continue
            name = network if "/" in network else f"{network}/32"
            rows[name] = _row(name, asked.for_s, asked.reason)
        return told

    def _remove(self, peer: Peer, verb: str, asked: Networks) -> dict[str, Any]:
        for network in asked.networks:
            self.bans.pop(network, None) if verb == "unban" else self.allowed.pop(network, None)
        return self._note(peer, verb, asked)

    def _calm(self, peer: Peer, asked: Which) -> Mapping[str, Any]:
        self._note(peer, "calm", asked)
        if asked.service == "22":
            raise NotSupported("nothing can challenge SYNs here", feature="challenges")
        return {}

    def _incident(self, _: Peer, asked: PartOf) -> Mapping[str, Any]:
        found = next((each for each in self.incident_rows if each["id"] == asked.id), None)
        if found is None:
            raise ConfigError(f"there is no incident I{asked.id} on record")
        parts: dict[str, list[dict[str, Any]]] = {
            "decisions": DECISIONS,
            "verdicts": VERDICTS,
            "events": [each for each in self.events if each["incident"] == asked.id],
            "series": SERIES,
        }
        return {"incident": found, "rows": parts[asked.part.value], "next": None}

    def _events(self, _: Peer, asked: Behind) -> Mapping[str, Any]:
        after = asked.after if asked.after is not None else 0
        return {"rows": [each for each in self.events if each["id"] > after][-asked.limit :]}

    def _why(self, _: Peer, asked: About) -> Mapping[str, Any]:
        return {
            "topic": "network",
            "subject": asked.subject,
            "finding": asked.subject in self.bans,
            "guard": "",
            "bans": [],
            "incidents": [],
            "verdicts": [],
            "decisions": DECISIONS[:1],
            "services": [],
        }

    def _settings(self, peer: Peer, _: Nothing) -> Mapping[str, Any]:
        holds = parse_settings(self.text, "file").model_dump(mode="json")
        text = self.text if peer.role is Role.OPERATE else None
        return {"origin": "floodwall.toml", "holds": holds, "text": text}

    def _plan(self, peer: Peer, asked: Text) -> Mapping[str, Any]:
        settings: Settings = parse_settings(asked.text, asked.origin)
        self._note(peer, "plan", asked)
        return {"settings": [f"arming.hold_s: 20 -> {settings.arming.hold_s:g}"], "effects": []}

    def _try(self, peer: Peer, asked: Trial) -> Mapping[str, Any]:
        told = self._plan(peer, Text(asked.text, asked.origin))
        trial = {"origin": asked.origin, "left_s": 60.0, "who": peer.who}
        self.standing = replace(self.standing, trial=trial)
        self._note(peer, "try", asked)
        return told

    def _end_trial(self, verb: str) -> Any:
        def end(peer: Peer, asked: Nothing) -> Mapping[str, Any]:
            if self.standing.trial is None:
                raise ConfigError("no settings are on trial", hint="try some first")
            self.standing = replace(self.standing, trial=None)
            self._note(peer, verb, asked)
            return {"file": "floodwall.toml", "trouble": "", "text": ""}

        return end


def _rows(rows: Any) -> dict[str, Any]:
    return {"rows": list(rows), "next": None}


def _row(network: str, left_s: float | None, reason: str, hits: int = 0) -> dict[str, Any]:
    since = "2026-11-21T03:10:00.000Z"
    return {
        "network": network,
        "left_s": left_s,
        "hits": hits,
        "since": since,
        "reason": reason,
    }


def _event(number: int, kind: str, text: str, incident: int | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "at": f"2026-11-21T03:14:{number:02}.000Z",
        "kind": kind,
        "text": text,
        "service": "*:443 nginx",
        "network": None,
        "incident": incident,
    }
