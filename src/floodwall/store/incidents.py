"""Incidents that are open: their series, second by second, and their end.

Law: a series never has more rows than the settings allow; a longer incident is kept with coarser
steps from its beginning to its end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from floodwall.core.decision import Decision
from floodwall.core.model import SECOND_NS
from floodwall.store.moment import Moment
from floodwall.store.statements import Statement, Values, clip, insert, to_json

_SAMPLE = """
INSERT OR REPLACE INTO samples (incident, tick, at_wall_ns, facts)
SELECT id, :tick, :wall_ns, :facts FROM incidents WHERE key = :incident"""
_COARSER = """
DELETE FROM samples WHERE tick % :step != 0
AND incident = (SELECT id FROM incidents WHERE key = :incident)"""
_PROGRESS = """
UPDATE incidents SET kind = :kind, step = :step, peak = :peak WHERE key = :incident"""
_CLOSE = """
UPDATE incidents SET closed_wall_ns = :wall_ns, lasted_ns = :lasted_ns, closed_text = :text
WHERE key = :incident AND closed_wall_ns IS NULL"""
# What this run goes on with counts from the clock of this boot.
_TAKE_OVER = """
UPDATE incidents SET run = :run, opened_ns = :opened_ns WHERE key = :key"""
_CLOSE_OTHERS = """
UPDATE incidents SET closed_wall_ns = :wall_ns,
  closed_text = 'closed while the record could not be written'
WHERE closed_wall_ns IS NULL AND key NOT IN (SELECT value FROM json_each(:keys))"""
# Who knows no other clock than that of the wall says no more than that.
_CLOSE_ALL = """
UPDATE incidents SET closed_wall_ns = :wall_ns, closed_text = :text WHERE closed_wall_ns IS NULL"""


@dataclass(slots=True)
class OpenIncident:
    """An incident that goes on.  What it has seen is kept here; what is written follows."""

    key: str
    service: int | None
    name: str
    kind: str
    rule: str
    opened: Moment
    text: str
    step: int = 1
    """Seconds between two samples."""
    rows: int = 0
    peak: dict[str, float] = field(default_factory=dict)
    resumed: bool = True
    """False until it is seen again, after the daemon was started in its midst."""

    def tick(self, ns: int) -> int:
        """Return the whole seconds since it was opened; before that they are negative."""
        return (ns - self.opened.ns) // SECOND_NS


def opened(key: str, at: Moment, made: Decision, name: str, kind: str) -> OpenIncident:
    """Return the incident that a decision opens."""
    return OpenIncident(key, made.service, name, kind, made.rule, at, made.text)


def begin(incident: OpenIncident) -> Statement:
    """Write an incident that was opened, or is to be on record again."""
    values: Values = {
        "key": incident.key,
        "service": incident.service,
        "name": clip(incident.name),
        "kind": incident.kind,
        "rule": incident.rule,
        "opened_ns": incident.opened.ns,
        "opened_wall_ns": incident.opened.wall_ns,
        "opened_text": clip(incident.text),
        "step": incident.step,
        "peak": to_json(incident.peak),
    }
    return insert("incidents", values, unless="SELECT 1 FROM incidents WHERE key = :key")


def sample(
    incident: OpenIncident,
    at: Moment,
    facts: Mapping[str, float],
    largest: int,
    *,
    lead: bool = False,
) -> list[Statement]:
    """Write one second of an incident, and make room if the series has grown too long.

    With `lead` it is a second before the incident: what it says is no peak of it.
    """
    tick = incident.tick(at.ns)
    for name, value in () if lead else facts.items():
        incident.peak[name] = max(value, incident.peak.get(name, value))
    if tick % incident.step:
        return []
    incident.rows += 1
    values: Values = {
        "incident": incident.key,
        "tick": tick,
        "wall_ns": at.wall_ns,
        "facts": to_json(facts),
    }
    written: list[Statement] = [(_SAMPLE, values)]
    if incident.rows > largest:
        incident.step *= 2
        incident.rows //= 2
        written.append((_COARSER, {"incident": incident.key, "step": incident.step}))
        written.append(progress(incident))
    return written


def progress(incident: OpenIncident) -> Statement:
    """Write what an incident came to so far."""
    values: Values = {
        "incident": incident.key,
        "kind": incident.kind,
        "step": incident.step,
        "peak": to_json(incident.peak),
    }
    return _PROGRESS, values


def close(incident: OpenIncident, at: Moment, text: str) -> list[Statement]:
    """Write the end of an incident."""
    values: Values = {
        "incident": incident.key,
        "wall_ns": at.wall_ns,
        "lasted_ns": max(0, at.ns - incident.opened.ns),
        "text": clip(text),
    }
    return [progress(incident), (_CLOSE, values)]


def close_all(at: Moment, text: str) -> Statement:
    """Write the end of every incident that is open, without knowing one of them."""
    return _CLOSE_ALL, {"wall_ns": at.wall_ns, "text": clip(text)}


def agree(at: Moment, going_on: Iterable[OpenIncident]) -> list[Statement]:
    """Make the record know exactly these incidents as open, after it missed some of it."""
    known = list(going_on)
    keys = to_json([incident.key for incident in known])
    others: Values = {"wall_ns": at.wall_ns, "keys": keys}
    mine: list[Values] = [
        {"key": incident.key, "opened_ns": incident.opened.ns} for incident in known
    ]
    return [
        *(begin(incident) for incident in known),
        (_TAKE_OVER, mine),
        (_CLOSE_OTHERS, others),
    ]
