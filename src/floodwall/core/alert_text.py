"""What a human reads: a headline, and five answers in the same order each time."""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from floodwall.core.alert_troubles import Urgency
from floodwall.core.alerting import Event, Message
from floodwall.core.duration import format_duration

_WORDS = {
    Urgency.INFO: "info",
    Urgency.WARNING: "warning",
    Urgency.CRITICAL: "CRITICAL",
}
_HEADLINES = {
    Event.STARTED: "{what}",
    Event.CHANGED: "now: {what}",
    Event.LASTS: "still, after {span}: {what}",
    Event.ENDED: "over after {span}: {what}",
    Event.TEST: "{what}",
}


def headline(message: Message, host: str) -> str:
    """Return the one line that fits a subject or a lock screen."""
    if message.trouble is None:
        return f"[floodwall {host}] what was held back: {message.lines[0] if message.lines else ''}"
    trouble, over = message.trouble, message.event is Event.ENDED
    span = format_duration(max(0.0, message.at_s - message.since_s))
    text = _HEADLINES[message.event].format(what=trouble.what.rstrip("."), span=span)
    # Of a change for the better the message keeps its way, and the words say how it is now.
    level = "over" if over else _WORDS[trouble.urgency]
    users = "" if over or not trouble.at_once else _users(trouble.users)
    return f"[floodwall {host}] {level}: {text}{users}"


def body(message: Message, host: str) -> str:
    """Return the whole text, without markup: it must survive every way of delivery."""
    return "\n".join(_lines(message, host)) + "\n"


def as_json(message: Message, host: str) -> dict[str, Any]:
    """Return the message for programs: the webhook, and the standard input of a hook."""
    trouble = message.trouble
    return {
        "version": 1,
        "host": host,
        "event": message.event.value,
        "key": message.key,
        "urgency": message.urgency.name.lower(),
        "at": _at(message.at_s),
        "since": _at(message.since_s),
        "headline": headline(message, host),
        "what": trouble.what if trouble else "",
        "to_whom": trouble.to_whom if trouble else "",
        "users": trouble.users if trouble else "",
        "did": trouble.did if trouble else "",
        "do_now": trouble.do_now if trouble else "",
        "lines": list(message.lines),
    }


def _users(said: str) -> str:
    if said.startswith("NO"):
        return "; users do NOT get in"
    return "; users get in" if said.startswith("Yes") else ""


def _lines(message: Message, host: str) -> Iterator[str]:
    trouble = message.trouble
    if trouble is None:
        yield "Held back in quiet hours or by alerts.per_hour:"
        yield from message.lines
    else:
        over = message.event is Event.ENDED
        yield f"What is happening: {'It is over. It was: ' if over else ''}{trouble.what}"
        yield f"To whom: {trouble.to_whom}"
        yield f"Do users get in{', when last told' if over else ''}: {trouble.users}"
        yield f"What we did: {trouble.did}"
        yield f"What you should do now: {'Nothing.' if over else trouble.do_now}"
    if message.event is Event.LASTS:
        ack = f"floodwall alerts ack {shlex.quote(message.key)}"
        yield f"Nobody has acknowledged it; if you look after it: {ack}"
    yield f"Host {host}, {_at(message.at_s)}; since {_at(message.since_s)}."


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
