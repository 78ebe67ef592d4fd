"""Floor 2. The image database: one SQLite file per dataset.

A file is written under a temporary name and renamed when complete, so that readers never see half
of one. `images` has one row per image in the order of the source; all images of a source share the
shape that stands on the source.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.database_checks import check_tables
from mycaffe_py.errors import UserError
from mycaffe_py.printable import storable
from mycaffe_py.temporary import temporary_beside

APPLICATION_ID = 0x4D79436D  # "MyCm"
SCHEMA_VERSION = 1

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

# Only where there is something to say: names and scaling of counters, how pictures were read.
# Readers of older versions pass over tables they do not know.
FACT_TABLES = ("counters", "pictures")
_FACTS = (
    "CREATE TABLE IF NOT EXISTS {}"
    " (source_id INTEGER PRIMARY KEY REFERENCES sources(id), facts TEXT NOT NULL)"
)

# 16 KiB pages hold twenty 28x28 images each: MNIST opens in two thirds of the time 4 KiB take.
_PAGE_BYTES = 16384


def write_dataset(
    path: Path,
    dataset: str,
    sources: dict[str, ArraySource],
    description: str = "",
    progress: Callable[[int], object] | None = None,
) -> None:
    """Write `sources` (by split) as the dataset file `path`, replacing one that is there.

    `progress` is told the number of images written since its last call.
    """
    temporary = temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _fill(temporary, dataset, sources, description, progress)
        temporary.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise UserError(
            f"dataset file {path} could not be written: {error}",
            do="Free some space or set MYCAFFE_DATA to a folder you may write to.",
        ) from error
    finally:
        if temporary.exists():
            temporary.unlink()


def add_split(
    path: Path,
    split: str,
    source: ArraySource,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Add `source` to the dataset file `path` as `split`, in place of one of that name.

    Either all of it is there afterwards or nothing has changed: it is one transaction.
    """
    try:
        recover(path)
        with closing(sqlite3.connect(path)) as connection, connection:
            check_tables(connection)
            _delete_split(connection, split)
            number, first = connection.execute(
                "SELECT (SELECT coalesce(max(id), 0) + 1 FROM sources),"
                " (SELECT coalesce(max(id), -1) + 1 FROM images)"
            ).fetchone()
            _insert_source(connection, number, split, source, first)
            _insert_images(connection, number, source, first, progress)
    except sqlite3.Error as error:
        raise UserError(f"dataset file {path} could not be written: {error}") from error


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
    # Files of earlier versions have room for results, which nothing was ever written to.
    more = known.intersection((*FACT_TABLES, "results"))
    tables = ["images", "labels", "means", *sorted(more)]
    for table in tables:
        connection.execute(
            f"DELETE FROM {table} WHERE source_id = (SELECT id FROM sources WHERE split = ?)",
            (split,),
        )
    connection.execute("DELETE FROM sources WHERE split = ?", (split,))


def _fill(
    path: Path,
    dataset: str,
    sources: dict[str, ArraySource],
    description: str,
    progress: Callable[[int], object] | None,
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.executescript(_SCHEMA)
        with connection:
            facts = (dataset, storable(description))
            connection.execute("INSERT INTO dataset VALUES (?, ?)", facts)
            first = 0
            for number, (split, source) in enumerate(sources.items(), start=1):
                _insert_source(connection, number, split, source, first)
                _insert_images(connection, number, source, first, progress)
                first += len(source)


def _insert_source(
    connection: sqlite3.Connection, number: int, split: str, source: ArraySource, first: int
) -> None:
    connection.execute(
        "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, split, *source.shape, source.dtype.name, first, len(source), source.checksum),
    )
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


def _insert_images(
    connection: sqlite3.Connection,
    number: int,
    source: ArraySource,
    first: int,
    progress: Callable[[int], object] | None,
) -> None:
    connection.executemany(
        "INSERT INTO images VALUES (?, ?, ?, ?, ?)", _rows(number, source, first, progress)
    )


def _rows(
    number: int, source: ArraySource, first: int, progress: Callable[[int], object] | None
) -> Iterator[tuple[int, int, int, int, bytes]]:
    little_endian = source.dtype.newbyteorder("<")
    for index, label in enumerate(source.labels.tolist()):
        image = source.images[index].astype(little_endian, copy=False)
        yield first + index, number, index, label, image.tobytes()
        if progress is not None:
            progress(1)
