"""The image database: a SQLite file for each dataset, and beside it the images (row_files.py).

A dataset file is written under a temporary name and renamed when complete, so that readers never
see half of one. `stored` tells in which form and file a split's images lie, with their labels; all
images of a source share the shape that stands on the source. Files of version 1 hold the images
themselves, one row of the table `images` each, and are read as ever.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.image_database.database_checks import check_tables
from mycaffe_py.data.image_database.database_images import write_integers
from mycaffe_py.data.image_database.image_files import Stored, store
from mycaffe_py.data.image_database.row_files import forget_started, rows_folder, writing
from mycaffe_py.files.temporary import temporary_beside
from mycaffe_py.printable import storable

APPLICATION_ID = 0x4D79436D  # "MyCm"
SCHEMA_VERSION = 2
VERSIONS = (1, 2)

_SCHEMA = """
CREATE TABLE dataset (name TEXT NOT NULL, description TEXT NOT NULL);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, split TEXT NOT NULL UNIQUE, channels INTEGER NOT NULL,
    height INTEGER NOT NULL, width INTEGER NOT NULL, dtype TEXT NOT NULL,
    first_image_id INTEGER NOT NULL, image_count INTEGER NOT NULL, checksum TEXT NOT NULL);
CREATE TABLE labels (
    source_id INTEGER NOT NULL REFERENCES sources(id), label INTEGER NOT NULL, name TEXT NOT NULL,
    image_count INTEGER NOT NULL, PRIMARY KEY (source_id, label)) WITHOUT ROWID;
CREATE TABLE means (source_id INTEGER PRIMARY KEY REFERENCES sources(id), data BLOB NOT NULL);
"""

# Only where there is something to say: names and scaling of counters, how pictures were read.
# Readers of older versions pass over tables they do not know.
FACT_TABLES = ("counters", "pictures")
_FACTS = (
    "CREATE TABLE IF NOT EXISTS {}"
    " (source_id INTEGER PRIMARY KEY REFERENCES sources(id), facts TEXT NOT NULL)"
)

# `labels` are integers of 8 bytes. Of pictures `sizes` are the bytes of each, likewise, and
# `reading` tells how they become images.
_STORED = """
CREATE TABLE IF NOT EXISTS stored (
    source_id INTEGER PRIMARY KEY REFERENCES sources(id), form TEXT NOT NULL, file TEXT NOT NULL,
    labels BLOB NOT NULL, sizes BLOB NOT NULL, reading TEXT NOT NULL)
"""


def write_dataset(
    path: Path,
    dataset: str,
    sources: Mapping[str, ArraySource],
    description: str = "",
    progress: Callable[[int], object] | None = None,
) -> None:
    """Write `sources` (by split) as the dataset file `path`, replacing one that is there.

    `progress` is told the number of images written since its last call.
    """
    with writing(path) as folder:
        stored = {split: store(folder, split, one, progress) for split, one in sources.items()}
        commit(path, dataset, sources, stored, description)


def commit(
    path: Path,
    dataset: str,
    sources: Mapping[str, ArraySource],
    stored: Mapping[str, Stored],
    description: str = "",
) -> None:
    """Write the dataset file of `sources` whose images are `stored`, within `writing`."""
    temporary = temporary_beside(path)
    try:
        with closing(sqlite3.connect(temporary)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.executescript(_SCHEMA)
            with connection:
                facts = (dataset, storable(description))
                connection.execute("INSERT INTO dataset VALUES (?, ?)", facts)
                for number, (split, source) in enumerate(sources.items(), start=1):
                    _insert_source(connection, number, split, source, stored[split])
        temporary.replace(path)
        forget_started(rows_folder(path))
    finally:
        temporary.unlink(missing_ok=True)


def add_split(
    path: Path,
    split: str,
    source: ArraySource,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Add `source` to the dataset file `path` as `split`, in place of one of that name.

    Either all of it is there afterwards or nothing has changed: it is one transaction.
    """
    with writing(path) as folder:
        stored = store(folder, split, source, progress)
        recover(path)
        with closing(sqlite3.connect(path)) as connection, connection:
            check_tables(connection)
            _delete_split(connection, split)
            number = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM sources").fetchone()
            _insert_source(connection, number[0], split, source, stored)


def recover(path: Path) -> None:
    """Undo what a killed process began to change in the dataset file `path`, if anything.

    Whoever only reads may not do that. Nothing happens while another process writes.
    """
    journal = path.with_name(f"{path.name}-journal")
    if not journal.exists():
        return
    with suppress(sqlite3.Error, OSError), closing(sqlite3.connect(path, timeout=0)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        # SQLite has used what there was to use; what was begun and never filled it lets lie.
        journal.unlink(missing_ok=True)
        connection.execute("ROLLBACK")


def _delete_split(connection: sqlite3.Connection, split: str) -> None:
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    # Files of version 1 have images, and room for results, which nothing was ever written to.
    more = known.intersection((*FACT_TABLES, "images", "results", "stored"))
    tables = ["labels", "means", *sorted(more)]
    for table in tables:
        connection.execute(
            f"DELETE FROM {table} WHERE source_id = (SELECT id FROM sources WHERE split = ?)",
            (split,),
        )
    connection.execute("DELETE FROM sources WHERE split = ?", (split,))


def _insert_source(
    connection: sqlite3.Connection, number: int, split: str, source: ArraySource, stored: Stored
) -> None:
    connection.execute(_STORED)
    # Older versions must not take a file for one without images.
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute(
        "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)",
        (number, split, *source.shape, source.dtype.name, len(source), source.checksum),
    )
    room = [8 * len(source.labels), 8 * len(stored.sizes)]
    connection.execute(
        "INSERT INTO stored VALUES (?, ?, ?, zeroblob(?), zeroblob(?), ?)",
        (number, stored.form, stored.file, *room, stored.reading),
    )
    write_integers(connection, number, "labels", source.labels)
    write_integers(connection, number, "sizes", stored.sizes)
    counts = np.bincount(source.labels)
    connection.executemany(
        "INSERT INTO labels VALUES (?, ?, ?, ?)",
        [
            (number, label, storable(name), int(counts[label]) if label < len(counts) else 0)
            for label, name in sorted(source.label_names.items())
        ],
    )
    mean = source.mean().astype("<f4")
    connection.execute("INSERT INTO means VALUES (?, ?)", (number, mean.tobytes()))
    for table, facts in zip(FACT_TABLES, (source.counters, source.pictures), strict=True):
        if facts:
            connection.execute(_FACTS.format(table))
            connection.execute(f"INSERT INTO {table} VALUES (?, ?)", (number, facts))
