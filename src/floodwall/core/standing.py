"""What an operator asks first: what is going on, and which rung of the ladder is it answered on."""

from floodwall.core.decision import Rung
from floodwall.core.model import Service
from floodwall.core.state import State
from floodwall.core.verdict import Verdict


def rung_of(state: State, service: Service) -> Rung:
    """Return the highest step that a service stands on now."""
    if any(ban.decision.service == service.index for ban in state.response.bans.values()):
        return Rung.BAN
    return Rung.CHALLENGE if service.index in state.armed else Rung.OBSERVE


def verdict_text(verdict: Verdict | None) -> str:
    """Write a verdict for a status line: its kind in words, and how sure it is."""
    if verdict is None:
        return ""
    return f"{verdict.kind.value.replace('_', ' ')} ({verdict.confidence:.0%} sure)"
