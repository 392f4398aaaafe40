"""Which alert is due now: state, a look at the daemon -> state, messages.

Law: everything that decides stands here, and nothing here knows how a message travels.  No
trouble is told twice the same way, and what is held back is summed up later, never lost silently.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from floodwall.core.alert_troubles import Sighting, Trouble, Urgency, ends_unseen, troubles_of
from floodwall.core.settings_alerts import AlertPolicy

HELD_MAX = 20
"""Headlines kept of what was held back; more are counted."""

_HOUR_S = 3600.0


class Event(StrEnum):
    """Why a message is sent."""

    STARTED = "started"
    CHANGED = "changed"
    LASTS = "lasts"
    ENDED = "ended"
    DIGEST = "digest"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell: to every target that `urgency` and `escalated` let it reach."""

    event: Event
    key: str
    urgency: Urgency
    """How soon to look; that of an end is what its beginning had, so that it goes the same way."""
    at_s: float
    since_s: float
    trouble: Trouble | None = None
    escalated: bool = False
    """It also goes to those who are told only when nobody else reacts."""
    lines: tuple[str, ...] = ()
    """What a digest sums up."""


@dataclass(frozen=True, slots=True)
class Told:
    """A trouble that goes on, and what was said of it."""

    trouble: Trouble
    """As it was last told, or seen while nothing was told yet."""
    since_s: float
    told_s: float | None = None
    urgency: Urgency = Urgency.INFO
    """The gravest that was told."""
    other: str = ""
    """The mark of a change that waits until it has stayed."""
    other_s: float = 0.0
    gone_s: float | None = None
    """Since when it does not show any more."""
    reminders: int = 0
    reminded_s: float = 0.0
    """When it was last escalated, or first told."""
    acknowledged: bool = False
    held: bool = False
    """Quiet hours or the limit kept its beginning back."""


@dataclass(frozen=True, slots=True)
class AlertState:
    """All that is remembered from one look to the next; also kept on disk."""

    open: Mapping[str, Told] = field(default_factory=dict)
    sent: float = 0.0
    """Messages of the last hour, running off evenly."""
    sent_s: float = 0.0
    held: tuple[str, ...] = ()
    held_count: int = 0


@dataclass(slots=True)
class _Turn:
    """One step in the making."""

    policy: AlertPolicy
    seen: Sighting
    sent: float
    messages: list[Message] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    def send(self, message: Message) -> bool:
        """Send unless quiet hours or the limit forbid it."""
        if self._hushed(message.urgency) or self.sent + 1 > self._most(message.urgency):
            return False
        self.sent += 1
        self.messages.append(message)
        return True

    def _hushed(self, urgency: Urgency) -> bool:
        loud = urgency is Urgency.CRITICAL and self.policy.quiet_critical
        return not loud and self.policy.quiet_at(self.seen.minute)

    def _most(self, urgency: Urgency) -> int:
        return self.policy.per_hour * (2 if urgency is Urgency.CRITICAL else 1)


def decide_alerts(
    state: AlertState, seen: Sighting, policy: AlertPolicy
) -> tuple[AlertState, tuple[Message, ...]]:
    """Return what is remembered from now on, and what is sent."""
    elapsed_s = max(0.0, seen.now_s - state.sent_s)
    left = max(0.0, state.sent - policy.per_hour * elapsed_s / _HOUR_S)
    turn = _Turn(policy, seen, left)
    present = {trouble.key: trouble for trouble in troubles_of(seen, policy)}
    after: dict[str, Told] = {}
    for key, told in state.open.items():
        trouble = present.get(key)
        known = trouble is not None or ends_unseen(key, seen)
        kept = _follow(told, trouble, turn) if known else told
        if kept is not None:
            after[key] = kept
    for key, trouble in present.items():
        if key not in state.open:
            after[key] = _begin(Told(trouble, seen.now_s), turn)
    held, count = (*state.held, *turn.held), state.held_count + len(turn.held)
    if count and turn.send(_digest(held, count, seen.now_s)):
        held, count = (), 0
    messages = tuple(turn.messages)
    return AlertState(after, turn.sent, seen.now_s, held[:HELD_MAX], count), messages


def acknowledge(state: AlertState, keys: frozenset[str]) -> AlertState:
    """Take a human's word that somebody looks after these; it escalates no more."""
    after = {
        key: replace(told, acknowledged=True) if key in keys else told
        for key, told in state.open.items()
    }
    return replace(state, open=after)


def trial_message(now_s: float) -> Message:
    """Return what shows that a target can be reached."""
    trouble = Trouble(
        "test",
        Urgency.CRITICAL,
        "This is a test of the alerts; nothing is wrong.",
        "Nobody.",
        "Not asked.",
        "Sent this message.",
        "Nothing, if you can read this.",
        "test",
    )
    return Message(Event.TEST, "test", Urgency.CRITICAL, now_s, now_s, trouble, escalated=True)


def _follow(told: Told, trouble: Trouble | None, turn: _Turn) -> Told | None:
    if trouble is None:
        return _end(told, turn)
    told = replace(told, gone_s=None)
    if told.told_s is None:
        return _begin(replace(told, trouble=trouble), turn)
    return _remind(_change(told, trouble, turn), trouble, turn)


def _begin(told: Told, turn: _Turn) -> Told:
    now_s, trouble = turn.seen.now_s, told.trouble
    if not trouble.at_once and now_s - told.since_s < turn.policy.settle_s:
        # A clock that was set back must not silence anything for longer than that.
        return replace(told, since_s=min(told.since_s, now_s))
    if not turn.send(_message(Event.STARTED, told, trouble, now_s)):
        return replace(told, held=True)
    return replace(told, told_s=now_s, urgency=trouble.urgency, reminded_s=now_s, held=False)


def _change(told: Told, trouble: Trouble, turn: _Turn) -> Told:
    """Tell what is new: at once if it is critical now, else when it has stayed."""
    now_s = turn.seen.now_s
    if trouble.mark == told.trouble.mark:
        return replace(told, other="")
    if trouble.mark != told.other or now_s < told.other_s:
        told = replace(told, other=trouble.mark, other_s=now_s)
    worse = trouble.urgency is Urgency.CRITICAL and told.urgency is not Urgency.CRITICAL
    if not worse and now_s - told.other_s < turn.policy.settle_s:
        return told
    if not turn.send(_message(Event.CHANGED, told, trouble, now_s)):
        return told
    gravest = max(told.urgency, trouble.urgency)
    return replace(told, trouble=trouble, told_s=now_s, urgency=gravest, other="")


def _remind(told: Told, trouble: Trouble, turn: _Turn) -> Told:
    lasting = trouble.at_once and trouble.urgency is not Urgency.INFO
    if told.acknowledged or not (lasting or trouble.urgency is Urgency.CRITICAL):
        return told
    now_s, policy = turn.seen.now_s, turn.policy
    wait_s = policy.repeat_s if told.reminders else policy.escalate_s
    if now_s - told.reminded_s < wait_s:
        return replace(told, reminded_s=min(told.reminded_s, now_s))
    message = replace(_message(Event.LASTS, told, trouble, now_s), escalated=True)
    if not turn.send(message):
        return told
    return replace(told, reminders=told.reminders + 1, reminded_s=now_s, told_s=now_s)


def _end(told: Told, turn: _Turn) -> Told | None:
    now_s = turn.seen.now_s
    if told.told_s is None:
        if told.held:
            turn.held.append(f"{told.trouble.what} {told.trouble.to_whom} It is over.")
        return None
    gone_s = now_s if told.gone_s is None else min(told.gone_s, now_s)
    if now_s - gone_s < turn.policy.settle_s:
        return replace(told, gone_s=gone_s)
    trouble = told.trouble
    if not turn.send(_message(Event.ENDED, told, trouble, now_s)):
        turn.held.append(f"Over: {trouble.what} {trouble.to_whom}")
    return None


def _message(event: Event, told: Told, trouble: Trouble, now_s: float) -> Message:
    urgency = told.urgency if event is Event.ENDED else max(trouble.urgency, told.urgency)
    return Message(
        event, trouble.key, urgency, now_s, told.since_s, trouble, escalated=told.reminders > 0
    )


def _digest(held: tuple[str, ...], count: int, now_s: float) -> Message:
    more = (f"... and {count - HELD_MAX} more.",) if count > HELD_MAX else ()
    lines = (*held[:HELD_MAX], *more)
    return Message(Event.DIGEST, "digest", Urgency.WARNING, now_s, now_s, lines=lines)
