"""What the small tables of a dataset file say of a source: counts, names, mean, further facts."""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.image_database.database_checks import file_bytes


def read_counts(connection: sqlite3.Connection, number: int) -> dict[int, int]:
    """Images by label, of labels that have one. Errors: labels or counts that cannot be."""
    rows = connection.execute(
        "SELECT label, image_count FROM labels WHERE source_id = ?", (number,)
    )
    counts = {int(label): int(count) for label, count in rows}
    if min([0, *counts, *counts.values()]) < 0:
        raise sqlite3.DatabaseError("there is a label below 0, or of fewer than 0 images")
    return {label: count for label, count in counts.items() if count}


def read_label_names(connection: sqlite3.Connection, number: int) -> dict[int, str]:
    """Names by label. Errors: more of them than the file can hold."""
    left = file_bytes(connection)
    names: dict[int, str] = {}
    for label, name in connection.execute(
        "SELECT label, name FROM labels WHERE source_id = ?", (number,)
    ):
        names[int(label)] = str(name)
        left -= len(names[int(label)])
        if left < 0:
            raise sqlite3.DatabaseError("it holds more names of labels than bytes")
    return names


def read_facts(connection: sqlite3.Connection, table: str, number: int) -> str:
    """The text about a source in the optional `table`; "" where there is none."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if known is None:
        return ""
    row = connection.execute(f"SELECT facts FROM {table} WHERE source_id = ?", (number,)).fetchone()
    return "" if row is None else str(row[0])


def read_mean(
    connection: sqlite3.Connection, number: int, shape: tuple[int, int, int]
) -> NDArray[np.float32]:
    """Mean image (C, H, W). Errors: it is missing or damaged."""
    row = connection.execute("SELECT data FROM means WHERE source_id = ?", (number,)).fetchone()
    if row is None or len(row[0]) != 4 * np.prod(shape):
        raise sqlite3.DatabaseError("the mean image is missing or has a wrong size")
    return np.frombuffer(row[0], dtype="<f4").astype(np.float32).reshape(shape)
