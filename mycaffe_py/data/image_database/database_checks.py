"""Checks a dataset file before anything in it is used.

SQLite runs what a file says: a view in the place of a table is a query that may never end, and so
are triggers and columns that are computed. And no query takes longer than its file is large.
"""

from __future__ import annotations

import sqlite3

_TABLES = (
    "dataset",
    "sources",
    "labels",
    "images",
    "means",
    "results",
    "counters",
    "pictures",
    "stored",
)
# Steps of SQLite's machine: a row takes some twenty, and is at least as many bytes long.
_FREE_STEPS = 2_000_000
_STEPS_PER_BYTE = 4
_STEPS_BETWEEN = 10_000
# A column of table_xinfo that is computed, stored or not.
_COMPUTED = (2, 3)


def file_bytes(connection: sqlite3.Connection) -> int:
    """Size of the file, as SQLite counts it."""
    pages, page = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "page_size")
    )
    return pages * page


def guard(connection: sqlite3.Connection) -> None:
    """Check the tables, and stop queries that take too long. Raises sqlite3.DatabaseError."""
    connection.execute("PRAGMA cell_size_check = ON")
    size = file_bytes(connection)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(size, 1_000_000))
    left = (_FREE_STEPS + _STEPS_PER_BYTE * size) // _STEPS_BETWEEN

    def too_long() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    connection.set_progress_handler(too_long, _STEPS_BETWEEN)
    check_tables(connection)


def check_tables(connection: sqlite3.Connection) -> None:
    """Refuse a file with views, triggers or computed columns. Raises sqlite3.DatabaseError."""
    connection.execute("PRAGMA trusted_schema = OFF")
    for kind, name, page in connection.execute("SELECT type, name, rootpage FROM sqlite_master"):
        if kind == "trigger":
            raise sqlite3.DatabaseError(f"it holds a trigger, '{name}'")
        if str(name).lower() in _TABLES and (kind != "table" or not page):
            raise sqlite3.DatabaseError(f"'{name}' is no table")
    for table in _TABLES:
        for column in connection.execute(f"PRAGMA table_xinfo({table})"):
            if column[6] in _COMPUTED:
                raise sqlite3.DatabaseError(f"'{column[1]}' of '{table}' is computed")


def bounded(connection: sqlite3.Connection, row_bytes: int) -> None:
    """No row that is read from now on may take more than `row_bytes` and its few numbers."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, row_bytes + 4096)
