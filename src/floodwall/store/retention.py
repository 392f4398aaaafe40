"""What is forgotten, and when: the record stays within its size and its age.

Law: what holds now is never forgotten: bans in force, open incidents, what was learned.
"""

import sqlite3
from dataclasses import dataclass

from floodwall.core.model import SECOND_NS
from floodwall.store.database import PAGE_BYTES, execute
from floodwall.store.moment import Moment

FULL_SHARE = 0.85
"""Above this share of its largest size the record forgets, ..."""

GOAL_SHARE = 0.70
"""... until it is below this one."""

SETTLE_NS = 3600 * SECOND_NS
"""Age is judged only by a wall clock that nobody has set for so long."""

DAY_NS = 86400 * SECOND_NS
"""Nanoseconds in a day."""

ROUNDS = 40
"""Transactions at a time: seconds that wait to be written come in between."""

_CHUNK = 2000

# What says least for its size goes first: a round takes the first that still has something.
_BY_SIZE = (
    """
DELETE FROM samples WHERE incident =
  (SELECT min(samples.incident) FROM samples JOIN incidents ON incidents.id = samples.incident
   WHERE closed_wall_ns IS NOT NULL)""",
    "DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT :chunk)",
    "DELETE FROM verdicts WHERE id IN (SELECT id FROM verdicts ORDER BY id LIMIT :chunk)",
    "DELETE FROM actions WHERE id IN (SELECT id FROM actions ORDER BY id LIMIT :chunk)",
    """
DELETE FROM bans WHERE id IN
  (SELECT id FROM bans WHERE ended_wall_ns IS NOT NULL ORDER BY id LIMIT :chunk)""",
    """
DELETE FROM decisions WHERE id IN
  (SELECT id FROM decisions WHERE id NOT IN
     (SELECT decision FROM bans WHERE ended_wall_ns IS NULL AND decision IS NOT NULL)
   ORDER BY id LIMIT :chunk)""",
    """
DELETE FROM incidents WHERE id IN
  (SELECT id FROM incidents WHERE closed_wall_ns IS NOT NULL ORDER BY id LIMIT :chunk)""",
)

# Too old, or written by an earlier run whose clock was ahead by more than a day.
_BY_AGE = (
    """
DELETE FROM samples WHERE incident IN
  (SELECT id FROM incidents WHERE closed_wall_ns < :cutoff
   OR (closed_wall_ns > :tomorrow AND run < :run))""",
    """
DELETE FROM incidents WHERE closed_wall_ns < :cutoff
OR (closed_wall_ns > :tomorrow AND run < :run)""",
    """
DELETE FROM bans WHERE ended_wall_ns < :cutoff
OR (ended_wall_ns > :tomorrow AND run < :run)""",
    """
DELETE FROM events WHERE at_wall_ns < :cutoff OR (at_wall_ns > :tomorrow AND run < :run)""",
    """
DELETE FROM verdicts WHERE at_wall_ns < :cutoff OR (at_wall_ns > :tomorrow AND run < :run)""",
    """
DELETE FROM actions WHERE at_wall_ns < :cutoff OR (at_wall_ns > :tomorrow AND run < :run)""",
    """
DELETE FROM decisions WHERE (at_wall_ns < :cutoff OR (at_wall_ns > :tomorrow AND run < :run))
AND id NOT IN (SELECT decision FROM bans WHERE ended_wall_ns IS NULL AND decision IS NOT NULL)""",
    """
DELETE FROM runs WHERE seen_wall_ns < :cutoff AND id < :run
AND id NOT IN (SELECT run FROM bans) AND id NOT IN (SELECT run FROM incidents)""",
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large and how old the record may become."""

    max_bytes: int
    max_age_ns: int


def used_bytes(connection: sqlite3.Connection) -> int:
    """Return the size of what is in the file, without the room that is free in it."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(pages - free) * PAGE_BYTES


def forget_by_size(connection: sqlite3.Connection, max_bytes: int) -> int:
    """Forget the oldest until there is room again; return how many rows went."""
    if used_bytes(connection) <= FULL_SHARE * max_bytes:
        return 0
    before = connection.total_changes
    for _ in range(ROUNDS):
        if used_bytes(connection) <= GOAL_SHARE * max_bytes:
            break
        if not any(_forget(connection, sql) for sql in _BY_SIZE):
            break
    return connection.total_changes - before


def forget_by_age(connection: sqlite3.Connection, run: int, now: Moment, max_age_ns: int) -> int:
    """Forget what is too old, or was written by an earlier run whose clock was ahead by days."""
    values = {
        "run": run,
        "cutoff": now.wall_ns - max_age_ns,
        "tomorrow": now.wall_ns + DAY_NS,
    }
    before = connection.total_changes
    execute(connection, run, [(sql, values) for sql in _BY_AGE])
    return connection.total_changes - before


def give_back(connection: sqlite3.Connection) -> None:
    """Return free room in the file to the disk, a little at a time."""
    # It gives back a page a step, without any row: only a script is stepped to its end.
    connection.executescript(f"PRAGMA incremental_vacuum({_CHUNK});")


def _forget(connection: sqlite3.Connection, sql: str) -> bool:
    before = connection.total_changes
    execute(connection, 0, [(sql, {"chunk": _CHUNK})])
    return connection.total_changes > before
