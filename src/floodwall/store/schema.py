"""The schema of the record, and how a record of an earlier version becomes one of this version.

Every time stands twice: `_ns` is CLOCK_MONOTONIC of the run's boot, `_wall_ns` is nanoseconds
since 1970.  An empty text or NULL is what is not known; docs/operations/record.md explains the
columns.
"""

APPLICATION_ID = 0x466C6477  # "Fldw", in the header of the file

_FIRST = """
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL UNIQUE, boot TEXT NOT NULL,
  pid INTEGER NOT NULL, version TEXT NOT NULL,
  began_ns INTEGER NOT NULL, began_wall_ns INTEGER NOT NULL,
  seen_ns INTEGER NOT NULL, seen_wall_ns INTEGER NOT NULL,
  ended TEXT NOT NULL DEFAULT '');
CREATE TABLE incidents (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, run INTEGER NOT NULL,
  service INTEGER, name TEXT NOT NULL, kind TEXT NOT NULL, rule TEXT NOT NULL,
  opened_ns INTEGER NOT NULL, opened_wall_ns INTEGER NOT NULL, opened_text TEXT NOT NULL,
  closed_wall_ns INTEGER, lasted_ns INTEGER, closed_text TEXT NOT NULL DEFAULT '',
  step INTEGER NOT NULL DEFAULT 1, peak TEXT NOT NULL DEFAULT '{}');
CREATE INDEX incidents_open ON incidents (id) WHERE closed_wall_ns IS NULL;
CREATE TABLE samples (
  incident INTEGER NOT NULL, tick INTEGER NOT NULL, at_wall_ns INTEGER NOT NULL,
  facts TEXT NOT NULL, PRIMARY KEY (incident, tick)) WITHOUT ROWID;
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL,
  at_ns INTEGER NOT NULL, at_wall_ns INTEGER NOT NULL, incident INTEGER,
  service INTEGER, name TEXT NOT NULL, kind TEXT NOT NULL, confidence REAL NOT NULL,
  since_ns INTEGER NOT NULL, spoof_index REAL, spoof_low REAL, spoof_high REAL,
  advice TEXT NOT NULL, evidence TEXT NOT NULL, rates TEXT NOT NULL);
CREATE INDEX verdicts_of_incident ON verdicts (incident);
CREATE TABLE decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, run INTEGER NOT NULL,
  at_ns INTEGER NOT NULL, at_wall_ns INTEGER NOT NULL, incident INTEGER,
  act TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
  service INTEGER, name TEXT NOT NULL, network TEXT, first BLOB, last BLOB,
  until_ns INTEGER NOT NULL, until_wall_ns INTEGER NOT NULL,
  undone_by TEXT NOT NULL, who TEXT NOT NULL, evidence TEXT NOT NULL);
CREATE INDEX decisions_of_incident ON decisions (incident);
CREATE INDEX decisions_of_network ON decisions (first) WHERE first IS NOT NULL;
CREATE TABLE actions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, decision INTEGER,
  run INTEGER NOT NULL, at_ns INTEGER NOT NULL, at_wall_ns INTEGER NOT NULL,
  command TEXT NOT NULL, subject TEXT NOT NULL, details TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'planned', result TEXT NOT NULL DEFAULT '', done_ns INTEGER,
  undone_by INTEGER);
CREATE INDEX actions_of_decision ON actions (decision);
CREATE INDEX actions_of_subject ON actions (subject, command) WHERE undone_by IS NULL;
CREATE TABLE bans (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, decision INTEGER,
  run INTEGER NOT NULL, network TEXT NOT NULL, first BLOB NOT NULL, last BLOB NOT NULL,
  rule TEXT NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL,
  since_ns INTEGER NOT NULL, since_wall_ns INTEGER NOT NULL,
  until_ns INTEGER NOT NULL, until_wall_ns INTEGER NOT NULL,
  ended_wall_ns INTEGER, ended TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX bans_in_force ON bans (network) WHERE ended_wall_ns IS NULL;
CREATE INDEX bans_due ON bans (until_ns) WHERE ended_wall_ns IS NULL;
CREATE INDEX bans_of_network ON bans (first);
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL,
  at_ns INTEGER NOT NULL, at_wall_ns INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
  incident INTEGER, service INTEGER, name TEXT NOT NULL, network TEXT);
CREATE TABLE memory (
  name TEXT PRIMARY KEY, run INTEGER NOT NULL, at_wall_ns INTEGER NOT NULL, value TEXT NOT NULL
) WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)
"""The n-th one turns version n into version n + 1; what was released is never edited."""


def statements(script: str) -> tuple[str, ...]:
    """Cut a script into statements: each ends at the end of a line."""
    return tuple(part.strip() for part in script.split(";\n") if part.strip())
