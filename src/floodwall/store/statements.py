"""What is written to the record: one function for each kind of row.

Statements carry their values by name and refer to other rows by key, never by number: the writer
adds `run`, and they mean the same whenever, and into whichever file, they are written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from floodwall.core.address import Network, pack
from floodwall.core.decision import Decision
from floodwall.core.verdict import Verdict
from floodwall.store.moment import Moment

Values = dict[str, Any]
"""Values of one statement by name; `run` is added by the writer."""

Statement = tuple[str, Values | list[Values]]
"""SQL, and its values; a list is for as many rows."""

LONGEST_TEXT = 4096
"""Characters of one text, or of the details of an action; a reason may be anything."""

# Columns whose value is looked up by the key that is given for them.
_LOOKED_UP = {
    "incident": "(SELECT id FROM incidents WHERE key = :incident)",
    "decision": "(SELECT id FROM decisions WHERE key = :decision)",
}
_HEARTBEAT = "UPDATE runs SET seen_ns = :ns, seen_wall_ns = :wall_ns WHERE id = :run"
_END_RUN = "UPDATE runs SET ended = :how WHERE id = :run"
_END_ENDLESS = """
UPDATE bans SET ended_wall_ns = :wall_ns, ended = :how
WHERE ended_wall_ns IS NULL AND (until_ns = 0 OR :lift)"""
_RESULT = """
UPDATE actions SET state = :state, result = :result, done_ns = :ns WHERE key = :key"""
_UNDO = """
UPDATE actions SET undone_by = (SELECT id FROM actions WHERE key = :key)
WHERE id = (SELECT max(id) FROM actions WHERE subject = :subject AND command = :command
            AND undone_by IS NULL AND state != 'failed')"""


@dataclass(frozen=True, slots=True)
class About:
    """What rows are about: a service, and the incident that is open there, if one is."""

    service: int | None = None
    name: str = ""
    incident: str | None = None

    def values(self) -> Values:
        """Return them by the names of their columns."""
        return {"service": self.service, "name": clip(self.name), "incident": self.incident}


def insert(
    table: str, values: Values, verb: str = "INSERT", conflict: str = "", unless: str = ""
) -> Statement:
    """Write a row of this run: each column has the value of its name.

    With `unless` nothing is written, and no number is used up, if that query finds a row.
    """
    columns = ["run", *values]
    given = ", ".join(_LOOKED_UP.get(name, f":{name}") for name in columns)
    # Names of tables and columns are ours; whatever comes from outside is a bound value.
    source = f"SELECT {given} WHERE NOT EXISTS ({unless})" if unless else f"VALUES ({given})"
    return f"{verb} INTO {table} ({', '.join(columns)}) {source} {conflict}".rstrip(), values


def instant(at: Moment) -> Values:
    """Return the columns that say when."""
    return {"at_ns": at.ns, "at_wall_ns": at.wall_ns}


def to_json(value: object) -> str:
    """Write a value as JSON; what is no number there, like infinity, becomes null."""
    return msgspec.json.encode(value, enc_hook=str).decode()


def clip(text: str) -> str:
    """Cut a text that is too long, and make it one that SQLite takes."""
    return text[:LONGEST_TEXT].replace("\0", "").encode(errors="replace").decode()


def span(network: Network) -> tuple[bytes, bytes]:
    """Return the first and last address of a network as 16 bytes each, IPv4 mapped."""
    return pack(network[0]), pack(network[-1])


def heartbeat(at: Moment) -> Statement:
    """Tell that the run still lives: its last moment is what spans are carried over from."""
    return _HEARTBEAT, {"ns": at.ns, "wall_ns": at.wall_ns}


def finish_run(at: Moment, how: str) -> list[Statement]:
    """Tell that the run has ended as it should."""
    return [heartbeat(at), (_END_RUN, {"how": how})]


def end_bans(at: Moment, how: str, *, lift: bool) -> Statement:
    """Tell that the bans without an end of their own have ended, and with `lift` all bans."""
    return _END_ENDLESS, {"wall_ns": at.wall_ns, "how": how, "lift": int(lift)}


def event(
    at: Moment, kind: str, text: str, about: About | None = None, network: Network | None = None
) -> Statement:
    """Write a sentence into the course of events."""
    said: Values = {"kind": kind, "text": clip(text), "network": _name(network)}
    return insert("events", instant(at) | said | (about or About()).values())


def verdict(at: Moment, found: Verdict, about: About) -> Statement:
    """Write what a second was called, with the evidence."""
    index = found.spoof_index
    said: Values = {
        "kind": found.kind.value,
        "confidence": found.confidence,
        "since_ns": found.since_ns,
        "spoof_index": index and index.value,
        "spoof_low": index and index.low,
        "spoof_high": index and index.high,
        "advice": clip(found.advice),
        "evidence": to_json(found.evidence),
        "rates": to_json(found.rates),
    }
    return insert("verdicts", instant(at) | said | about.values())


def decision(at: Moment, key: str, made: Decision, about: About) -> Statement:
    """Write a decision with its evidence."""
    first, last = span(made.network) if made.network is not None else (None, None)
    said: Values = {
        "key": key,
        "act": made.act.value,
        "rule": made.rule,
        "subject": clip(made.subject),
        "text": clip(made.text),
        "network": _name(made.network),
        "first": first,
        "last": last,
        "until_ns": made.until_ns,
        "until_wall_ns": at.wall_of(made.until_ns),
        "undone_by": clip(made.undone_by),
        "who": clip(made.who),
        "evidence": to_json(made.evidence),
    }
    return insert("decisions", instant(at) | said | about.values(), "INSERT OR IGNORE")


def action(
    at: Moment, key: str, command: str, subject: str, details: Mapping[str, object]
) -> Statement:
    """Write what is about to be done for the decision of the same key."""
    written = to_json(details)
    said: Values = {
        "key": key,
        "decision": key,
        "command": command,
        "subject": clip(subject),
        "details": written if len(written) <= LONGEST_TEXT else "{}",
    }
    return insert("actions", instant(at) | said, "INSERT OR IGNORE")


def undo(key: str, commands: Sequence[str], subject: str) -> Statement:
    """Tell that the action of this key takes back the newest of each of `commands`."""
    same = {"key": key, "subject": clip(subject)}
    return _UNDO, [{**same, "command": command} for command in commands]


def result(at: Moment, key: str, error: str | None) -> Statement:
    """Tell what became of an action: done, or the reason why it failed."""
    state = "done" if error is None else "failed"
    return _RESULT, {"key": key, "ns": at.ns, "state": state, "result": clip(error or "")}


def remember(at: Moment, name: str, value: str) -> Statement:
    """Keep a value under a name, like what is normal for each service."""
    values: Values = {"name": name, "at_wall_ns": at.wall_ns, "value": value}
    return insert("memory", values, "INSERT OR REPLACE")


def _name(network: Network | None) -> str | None:
    return None if network is None else str(network)
