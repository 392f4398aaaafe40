"""The schema."""

import sqlite3

from floodwall.store.schema import APPLICATION_ID, MIGRATIONS, statements

TABLES = {
    *("runs", "incidents", "samples", "verdicts", "decisions"),
    *("actions", "bans", "events", "memory"),
}


def test_the_migrations_make_every_table() -> None:
    """From nothing to this version."""
    connection = sqlite3.connect(":memory:")
    for script in MIGRATIONS:
        for statement in statements(script):
            connection.execute(statement)
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    )

    assert {name for (name,) in found} == TABLES
    connection.close()


def test_a_script_is_cut_at_the_ends_of_lines() -> None:
    """A semicolon within a line, as in a text, is none of them."""
    script = "CREATE TABLE a (x TEXT DEFAULT ';');\n\nDROP TABLE a;\n"

    assert statements(script) == ("CREATE TABLE a (x TEXT DEFAULT ';')", "DROP TABLE a")


def test_the_file_says_whose_it_is() -> None:
    """Four letters that `file` shows."""
    assert APPLICATION_ID.to_bytes(4, "big") == b"Fldw"
