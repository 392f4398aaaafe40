"""What the console can be asked: one table, from which routes and their description are made.

Law: every row names the level that it needs; there is no other way to an answer.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta

from floodwall.app.desk_bans import NETWORKS_MAX, REASON_MAX
from floodwall.console.web.asker import Asker, Cached
from floodwall.console.web.hub import Hub, columns, document
from floodwall.console.web.tokens import Level
from floodwall.core.errors import ConfigError
from floodwall.core.settings_reference import reference

SPAN_MAX_S = 315_360_000.0
CONFIRM_MIN_S, CONFIRM_MAX_S = 10.0, 3600.0
ORIGIN = "the console"
_PATH = re.compile(r"\{(\w+)\}")

Network = Annotated[str, Meta(min_length=2, max_length=64, description="Address or network.")]
Networks = Annotated[list[Network], Meta(min_length=1, max_length=NETWORKS_MAX)]
Seconds = Annotated[float, Meta(gt=0, le=SPAN_MAX_S)]
Reason = Annotated[str, Meta(max_length=REASON_MAX)]
Number = Annotated[int, Meta(ge=0, le=2**53)]
Service = Annotated[str, Meta(min_length=1, max_length=256, description="Port or name.")]
Toml = Annotated[str, Meta(max_length=60_000, description="A settings file.")]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing is taken."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The service of a chart; nothing is the machine."""

    service: Annotated[str, Meta(max_length=512)] = ""


@dataclass(frozen=True, slots=True)
class Which:
    """An incident."""

    id: Number


@dataclass(frozen=True, slots=True)
class About:
    """An address, network, port or incident."""

    subject: Annotated[str, Meta(min_length=1, max_length=128)]


@dataclass(frozen=True, slots=True)
class After:
    """Events behind a number; without one the newest."""

    after: Number | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 200


@dataclass(frozen=True, slots=True)
class Span:
    """Networks, for how long, and why; without `for_s` there is no end."""

    networks: Networks
    for_s: Seconds | None = None
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Networks, and nothing else about them."""

    networks: Networks


@dataclass(frozen=True, slots=True)
class Arm:
    """A service, and for how long."""

    service: Service
    for_s: Annotated[float, Meta(gt=0, le=86400)] = 600.0


@dataclass(frozen=True, slots=True)
class Calm:
    """A service."""

    service: Service


@dataclass(frozen=True, slots=True)
class Text:
    """What a settings file says."""

    text: Toml


@dataclass(frozen=True, slots=True)
class Trial:
    """A settings file, and how long it is on trial."""

    text: Toml
    confirm_s: Annotated[float, Meta(ge=CONFIRM_MIN_S, le=CONFIRM_MAX_S)] = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Context:
    """What answers are made from."""

    hub: Hub
    asker: Asker
    audit: Cached
    clock_ns: Callable[[], int] = field(default=time.monotonic_ns)


Answerer = Callable[[Context, Caller, Any], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that can be asked."""

    method: str
    path: str
    level: Level
    takes: type[Any]
    """Of a GET the query, and what the path names; of a POST the body."""
    says: str
    answer: Answerer

    @property
    def in_path(self) -> tuple[str, ...]:
        """Return the names that the path holds."""
        return tuple(_PATH.findall(self.path))


async def _snapshot(context: Context, _: Caller, __: Nothing) -> dict[str, Any]:
    return document(context.hub.snapshot)


async def _history(context: Context, _: Caller, asked: Chart) -> dict[str, Any]:
    return columns(context.hub.history, asked.service)


async def _incidents(context: Context, caller: Caller, _: Nothing) -> dict[str, Any]:
    return await context.asker.pages(caller.name, "incidents", "rows", limit=200)


async def _incident(context: Context, caller: Caller, asked: Which) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in ("verdicts", "decisions", "events", "series"):
        told = await context.asker.pages(caller.name, "incident", "rows", id=asked.id, part=part)
        whole["incident"] = told["incident"]
        whole[part] = told["rows"]
    return whole


async def _why(context: Context, caller: Caller, asked: About) -> dict[str, Any]:
    return await context.asker.ask(caller.name, "why", subject=asked.subject)


async def _bans(context: Context, caller: Caller, _: Nothing) -> dict[str, Any]:
    return await context.asker.pages(caller.name, "bans", "rows")


async def _allowed(context: Context, caller: Caller, _: Nothing) -> dict[str, Any]:
    return await context.asker.pages(caller.name, "allowed", "rows")


async def _ban(context: Context, caller: Caller, asked: Span) -> dict[str, Any]:
    return await _span(context, caller, "ban", asked)


async def _allow(context: Context, caller: Caller, asked: Span) -> dict[str, Any]:
    return await _span(context, caller, "allow", asked)


async def _span(context: Context, caller: Caller, verb: str, asked: Span) -> dict[str, Any]:
    return await context.asker.ask(
        caller.name, verb, networks=asked.networks, for_s=asked.for_s, reason=asked.reason
    )


async def _lift(context: Context, caller: Caller, asked: Names) -> dict[str, Any]:
    return await context.asker.ask(caller.name, "unban", networks=asked.networks)


async def _disallow(context: Context, caller: Caller, asked: Names) -> dict[str, Any]:
    return await context.asker.ask(caller.name, "disallow", networks=asked.networks)


async def _arm(context: Context, caller: Caller, asked: Arm) -> dict[str, Any]:
    return await context.asker.ask(caller.name, "arm", service=asked.service, for_s=asked.for_s)


async def _calm(context: Context, caller: Caller, asked: Calm) -> dict[str, Any]:
    return await context.asker.ask(caller.name, "calm", service=asked.service)


async def _events(context: Context, caller: Caller, asked: After) -> dict[str, Any]:
    return await context.asker.ask(caller.name, "events", after=asked.after, limit=asked.limit)


async def _audit(context: Context, _: Caller, __: Nothing) -> dict[str, Any]:
    return await asyncio.to_thread(context.audit.get)


async def _settings(context: Context, caller: Caller, _: Nothing) -> dict[str, Any]:
    told = await context.asker.ask(caller.name, "settings")
    if caller.level is not Level.OPERATE:
        told["text"] = None
    holds = told.get("holds", {})
    told["settings"] = [
        {
            "key": entry.key,
            "type": entry.type,
            "unit": entry.unit,
            "range": entry.range,
            "help": entry.help,
            "default": entry.default,
            "value": holds.get(entry.section, {}).get(entry.name),
        }
        for entry in reference()
    ]
    del told["holds"]
    return told


async def _plan(context: Context, caller: Caller, asked: Text) -> dict[str, Any]:
    return await context.asker.ask(caller.name, "plan", text=asked.text, origin=ORIGIN)


async def _try(context: Context, caller: Caller, asked: Trial) -> dict[str, Any]:
    deadline_ns = context.clock_ns() + int(asked.confirm_s * 10**9)
    return await context.asker.ask(
        caller.name, "try", text=asked.text, origin=ORIGIN, deadline_ns=deadline_ns
    )


async def _confirm(context: Context, caller: Caller, _: Nothing) -> dict[str, Any]:
    told = await context.asker.ask(caller.name, "confirm")
    if told.get("trouble"):
        raise ConfigError(
            f"confirmed, but not written: {told['trouble']}",
            hint="'floodwall confirm' as root writes it; a restart would forget it",
        )
    return told


async def _reject(context: Context, caller: Caller, _: Nothing) -> dict[str, Any]:
    return await context.asker.ask(caller.name, "reject")


_GET, _POST, _LOOK, _DO = "GET", "POST", Level.VIEW, Level.OPERATE
CALLS: tuple[Call, ...] = (
    Call(_GET, "/api/snapshot", _LOOK, Nothing, "What goes on in this second.", _snapshot),
    Call(_GET, "/api/history", _LOOK, Chart, "The last ten minutes, for a chart.", _history),
    Call(_GET, "/api/incidents", _LOOK, Nothing, "The newest incidents.", _incidents),
    Call(_GET, "/api/incidents/{id}", _LOOK, Which, "All on record about one.", _incident),
    Call(_GET, "/api/why", _LOOK, About, "Why something is as it is.", _why),
    Call(_GET, "/api/bans", _LOOK, Nothing, "Bans in force.", _bans),
    Call(_POST, "/api/bans", _DO, Span, "Ban networks.", _ban),
    Call(_POST, "/api/bans/lift", _DO, Names, "Lift bans.", _lift),
    Call(_GET, "/api/allowed", _LOOK, Nothing, "Who must never be banned.", _allowed),
    Call(_POST, "/api/allowed", _DO, Span, "Let networks never be banned.", _allow),
    Call(_POST, "/api/allowed/remove", _DO, Names, "Take that back.", _disallow),
    Call(_POST, "/api/services/arm", _DO, Arm, "Challenge a service for a while.", _arm),
    Call(_POST, "/api/services/calm", _DO, Calm, "Take that back.", _calm),
    Call(_GET, "/api/events", _LOOK, After, "The course of events.", _events),
    Call(_GET, "/api/audit", _LOOK, Nothing, "How this machine is set up.", _audit),
    Call(_GET, "/api/settings", _LOOK, Nothing, "Every setting that holds.", _settings),
    Call(_POST, "/api/settings/plan", _DO, Text, "What other settings would change.", _plan),
    Call(_POST, "/api/settings/try", _DO, Trial, "Try settings until a deadline.", _try),
    Call(_POST, "/api/settings/confirm", _DO, Nothing, "Keep what is on trial.", _confirm),
    Call(_POST, "/api/settings/reject", _DO, Nothing, "Take back what is on trial.", _reject),
)
