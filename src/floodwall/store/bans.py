"""Bans on record: those that hold, and how each came to its end."""

from collections.abc import Iterable
from dataclasses import dataclass

from floodwall.core.address import Network
from floodwall.core.decision import Act, Decision
from floodwall.store.moment import Moment
from floodwall.store.statements import Statement, Values, clip, insert, span

_END_ONE = """
UPDATE bans SET ended_wall_ns = :wall_ns, ended = :how
WHERE ended_wall_ns IS NULL AND network = :network"""
_REPLACE = """
UPDATE bans SET ended_wall_ns = :since_wall_ns, ended = 'replaced by a newer ban'
WHERE ended_wall_ns IS NULL AND network = :network AND key != :key"""
_EXPIRE = """
UPDATE bans SET ended_wall_ns = :wall_ns, ended = 'expired'
WHERE ended_wall_ns IS NULL AND until_ns > 0 AND until_ns <= :ns"""
_END_OTHERS = """
UPDATE bans SET ended_wall_ns = :wall_ns, ended = 'ended while the record could not be written'
WHERE ended_wall_ns IS NULL AND key NOT IN (SELECT key FROM holding)"""
# One that was thought to have ended holds after all, or was taken over by this run.
_HOLDS = """
ON CONFLICT (key) DO UPDATE SET ended_wall_ns = NULL, ended = '', run = excluded.run,
  since_ns = excluded.since_ns, until_ns = excluded.until_ns"""


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban that holds; times are nanoseconds, `until_ns` of CLOCK_MONOTONIC and 0 for no end."""

    key: str
    network: Network
    rule: str
    who: str
    text: str
    since: Moment
    until_ns: int

    def decision(self, at_ns: int) -> Decision:
        """Return the decision that puts it into force again."""
        return Decision(
            at_ns=at_ns,
            act=Act.BAN,
            rule=self.rule,
            subject=str(self.network),
            text=self.text,
            network=self.network,
            until_ns=self.until_ns,
            undone_by=f"floodwall unban {self.network}",
            who=self.who,
        )


def ban_of(key: str, at: Moment, network: Network, until_ns: int, made: Decision) -> Ban:
    """Return the ban that a decision asks for."""
    return Ban(key, network, made.rule, made.who, made.text, at, until_ns)


def put(*holding: Ban) -> list[Statement]:
    """Write bans that begin to hold; an earlier one of the same network ends by it."""
    rows = [_values(ban) for ban in holding]
    return [(_REPLACE, rows), (insert("bans", rows[0], conflict=_HOLDS)[0], rows)] if rows else []


def end(at: Moment, network: Network, how: str) -> Statement:
    """Tell that the ban of a network has ended, and by what."""
    return _END_ONE, {"wall_ns": at.wall_ns, "how": clip(how), "network": str(network)}


def expire(at: Moment) -> Statement:
    """Tell that the bans whose time is over have ended."""
    return _EXPIRE, {"wall_ns": at.wall_ns, "ns": at.ns}


def agree(at: Moment, holding: Iterable[Ban]) -> list[Statement]:
    """Make the record hold exactly these bans, after it missed some of what happened."""
    bans = list(holding)
    return [
        ("CREATE TEMP TABLE IF NOT EXISTS holding (key TEXT PRIMARY KEY)", {}),
        ("DELETE FROM holding", {}),
        ("INSERT OR IGNORE INTO holding VALUES (:key)", [{"key": ban.key} for ban in bans]),
        (_END_OTHERS, {"wall_ns": at.wall_ns}),
        ("DELETE FROM holding", {}),
        *put(*bans),
    ]


def _values(ban: Ban) -> Values:
    first, last = span(ban.network)
    return {
        "key": ban.key,
        "decision": ban.key,
        "network": str(ban.network),
        "first": first,
        "last": last,
        "rule": ban.rule,
        "who": clip(ban.who),
        "text": clip(ban.text),
        "since_ns": ban.since.ns,
        "since_wall_ns": ban.since.wall_ns,
        "until_ns": ban.until_ns,
        "until_wall_ns": ban.since.wall_of(ban.until_ns),
    }
