"""Dataset files as version 1 wrote them: the images are rows of a table."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource

_SCHEMA = """
CREATE TABLE dataset (name TEXT NOT NULL, description TEXT NOT NULL);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, split TEXT NOT NULL UNIQUE, channels INTEGER NOT NULL,
    height INTEGER NOT NULL, width INTEGER NOT NULL, dtype TEXT NOT NULL,
    first_image_id INTEGER NOT NULL, image_count INTEGER NOT NULL, checksum TEXT NOT NULL);
CREATE TABLE labels (
    source_id INTEGER NOT NULL REFERENCES sources(id), label INTEGER NOT NULL, name TEXT NOT NULL,
    image_count INTEGER NOT NULL, PRIMARY KEY (source_id, label)) WITHOUT ROWID;
CREATE TABLE images (
    id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES sources(id),
    idx INTEGER NOT NULL, label INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE means (source_id INTEGER PRIMARY KEY REFERENCES sources(id), data BLOB NOT NULL);
"""


def write_old(
    path: Path, dataset: str, sources: Mapping[str, ArraySource], description: str = ""
) -> None:
    """Write `sources` (by split) as the dataset file `path` of version 1."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 16384")
        connection.execute(f"PRAGMA application_id = {0x4D79436D}")
        connection.execute("PRAGMA user_version = 1")
        connection.executescript(_SCHEMA)
        with connection:
            connection.execute("INSERT INTO dataset VALUES (?, ?)", (dataset, description))
            first = 0
            for number, (split, source) in enumerate(sources.items(), start=1):
                _insert(connection, number, split, source, first)
                first += len(source)


def _insert(
    connection: sqlite3.Connection, number: int, split: str, source: ArraySource, first: int
) -> None:
    told = (number, split, *source.shape, source.dtype.name, first, len(source), source.checksum)
    connection.execute("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", told)
    counts = np.bincount(source.labels, minlength=max(source.label_names) + 1)
    names = sorted(source.label_names.items())
    rows = [(number, label, name, int(counts[label])) for label, name in names]
    connection.executemany("INSERT INTO labels VALUES (?, ?, ?, ?)", rows)
    mean = source.mean().astype("<f4").tobytes()
    connection.execute("INSERT INTO means VALUES (?, ?)", (number, mean))
    connection.executemany(
        "INSERT INTO images VALUES (?, ?, ?, ?, ?)",
        [
            (first + index, number, index, int(label), source.image(index).tobytes())
            for index, label in enumerate(source.labels)
        ],
    )
    if source.pictures:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS pictures"
            " (source_id INTEGER PRIMARY KEY REFERENCES sources(id), facts TEXT NOT NULL)"
        )
        connection.execute("INSERT INTO pictures VALUES (?, ?)", (number, source.pictures))
