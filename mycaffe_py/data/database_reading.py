"""Floor 2. Reading the image database; whatever is wrong with a file is one clear error."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.database import APPLICATION_ID, SCHEMA_VERSION, recover
from mycaffe_py.data.database_checks import bounded, file_bytes, guard
from mycaffe_py.data.picture_record import known_record
from mycaffe_py.data.source_head import SourceHead, make_head
from mycaffe_py.errors import UserError, Where, nearest

# Rows joined at a time while reading; more only costs cache misses.
_READ_ROWS = 256
_DTYPES: dict[str, type[np.uint8] | type[np.float32]] = {"uint8": np.uint8, "float32": np.float32}


def read_splits(path: Path, where: Where | None = None) -> list[str]:
    """Names of the splits in a dataset file, in the order they were written."""
    with reading(path, where) as connection:
        names = [row[0] for row in connection.execute("SELECT split FROM sources ORDER BY id")]
        if not all(isinstance(name, str) for name in names):
            raise sqlite3.DatabaseError("a split has no name")
        return names


@contextmanager
def reading(path: Path, where: Where | None = None) -> Iterator[sqlite3.Connection]:
    """Open a dataset file for reading; whatever SQLite finds wrong with it is one clear error."""
    try:
        recover(path)
        # as_uri() quotes what a file name may hold and a URI may not.
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            kind = connection.execute("PRAGMA application_id").fetchone()[0]
            if (kind, version) != (APPLICATION_ID, SCHEMA_VERSION):
                raise sqlite3.DatabaseError(
                    f"not an image database of version {SCHEMA_VERSION} "
                    f"(application id {kind:#x}, version {version})"
                )
            guard(connection)
            yield connection
    except (sqlite3.Error, TypeError, ValueError, OverflowError) as error:
        raise _damaged(path, str(error), where) from error
    except MemoryError as error:
        # numpy's has a class of its own: then there really is too little. SQLite's, plain, is told
        # of a damaged schema that does not fit the limits of guard.
        if type(error) is not MemoryError:
            raise
        raise _damaged(path, "SQLite has no room for what it describes", where) from error


def _damaged(path: Path, why: str, where: Where | None) -> UserError:
    return UserError(
        f"dataset file {path} is damaged or not an image database: {why}",
        where=where,
        do="Remove it and create the dataset again ('mycaffe dataset create --help').",
    )


def source_number(
    connection: sqlite3.Connection, dataset: str, split: str, where: Where | None = None
) -> int:
    """The id of a split. Errors: no such split."""
    numbers = dict(connection.execute("SELECT split, id FROM sources"))
    if split not in numbers:
        raise UserError(
            f"dataset '{dataset}' has no split '{split}'", where=where, do=nearest(split, numbers)
        )
    return int(numbers[split])


def read_source(path: Path, dataset: str, split: str, where: Where | None = None) -> ArraySource:
    """Load one source into memory.

    Errors: no such split, a file that is damaged, incomplete or not an image database.
    """
    with reading(path, where) as connection:
        row = _described(connection, dataset, split, where)
        _check_announced(connection, row.items, row.shape, row.dtype)
        counters, pictures = _all_facts(connection, row)
        names = _read_label_names(connection, row.number)
        mean = _read_mean(connection, row.number, row.shape)
        kind: Any = _DTYPES[row.dtype]
        images = np.empty((row.items, *row.shape), dtype=kind)
        return ArraySource(
            name=row.name,
            images=images,
            labels=_read_images(connection, row.first, images),
            label_names=names,
            checksum=row.checksum,
            description=row.description,
            image_mean=mean,
            counters=counters,
            pictures=pictures,
        )


def read_head(path: Path, dataset: str, split: str, where: Where | None = None) -> SourceHead:
    """The head of one source: a few rows of the file, whatever the number of images.

    Errors: as `read_source`, as far as they can be seen without the images.
    """
    with reading(path, where) as connection:
        row = _described(connection, dataset, split, where)
        _check_announced(connection, row.items, row.shape, row.dtype)
        counts = _read_counts(connection, row.number)
        if sum(counts.values()) != row.items:
            raise sqlite3.DatabaseError(f"the labels of '{split}' do not count {row.items} images")
        counters, pictures = _all_facts(connection, row)
        return make_head(
            row.name,
            row.shape,
            counts,
            dtype=_DTYPES[row.dtype],
            label_names=_read_label_names(connection, row.number),
            checksum=row.checksum,
            description=row.description,
            counters=counters,
            pictures=pictures,
        )


class _Row(NamedTuple):
    """What the file says of a source: its `number`, and the id of its `first` image."""

    name: str
    number: int
    shape: tuple[int, int, int]
    dtype: str
    first: int
    items: int
    checksum: str
    description: str


def _described(
    connection: sqlite3.Connection, dataset: str, split: str, where: Where | None
) -> _Row:
    number = source_number(connection, dataset, split, where)
    row = connection.execute(
        "SELECT channels, height, width, dtype, first_image_id, image_count, checksum,"
        " (SELECT description FROM dataset) FROM sources WHERE id = ?",
        (number,),
    ).fetchone()
    channels, height, width, dtype, first, count, checksum, description = row
    shape = (channels, height, width)
    if dtype not in _DTYPES or min(*shape, count) < 1:
        raise sqlite3.DatabaseError(f"source '{split}' is described wrongly")
    name = f"{dataset}.{split}"
    return _Row(name, number, shape, dtype, first, count, checksum, description)


def _all_facts(connection: sqlite3.Connection, row: _Row) -> tuple[str, str]:
    """What is said of counters, and of how pictures were read."""
    counters, pictures = (
        _read_facts(connection, table, row.number) for table in ("counters", "pictures")
    )
    return counters, pictures or known_record(row.name)


def _read_counts(connection: sqlite3.Connection, number: int) -> dict[int, int]:
    """Images by label, of labels that have one. Errors: labels or counts that cannot be."""
    rows = connection.execute(
        "SELECT label, image_count FROM labels WHERE source_id = ?", (number,)
    )
    counts = {int(label): int(count) for label, count in rows}
    if min([0, *counts, *counts.values()]) < 0:
        raise sqlite3.DatabaseError("there is a label below 0, or of fewer than 0 images")
    return {label: count for label, count in counts.items() if count}


def _check_announced(
    connection: sqlite3.Connection, count: int, shape: tuple[int, int, int], dtype: str
) -> None:
    """Before room is made: a damaged count must not ask for more than the file can hold."""
    announced = count * math.prod(shape) * np.dtype(dtype).itemsize
    if announced > file_bytes(connection):
        raise sqlite3.DatabaseError(f"{count} images of {shape} do not fit in the file")


def _read_images(connection: sqlite3.Connection, first: int, images: Images) -> NDArray[np.int64]:
    """Fill `images` from the rows starting at id `first`; return their labels (n,)."""
    count = len(images)
    labels = np.empty(count, dtype=np.int64)
    flat = images.reshape(count, -1)
    row_bytes = flat.shape[1] * flat.itemsize
    bounded(connection, row_bytes)
    little_endian = images.dtype.newbyteorder("<")
    rows = connection.execute(
        "SELECT label, data FROM images WHERE id >= ? AND id < ? ORDER BY id",
        (first, first + count),
    )
    done = 0
    while block := rows.fetchmany(_READ_ROWS):
        block_labels, blobs = zip(*block, strict=True)
        if {len(blob) for blob in blobs} != {row_bytes}:
            raise sqlite3.DatabaseError(f"an image near row {done} is not {row_bytes} bytes long")
        end = done + len(block)
        pixels = np.frombuffer(b"".join(blobs), dtype=little_endian)
        flat[done:end] = pixels.reshape(len(block), -1)
        labels[done:end] = block_labels
        done = end
    if done != count:
        raise sqlite3.DatabaseError(f"{count} images are announced and {done} are there")
    if labels.min() < 0:
        raise sqlite3.DatabaseError(f"there is a label {labels.min()}; labels count from 0")
    return labels


def _read_label_names(connection: sqlite3.Connection, number: int) -> dict[int, str]:
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


def _read_facts(connection: sqlite3.Connection, table: str, number: int) -> str:
    """What the optional `table` says of a source; "" where it says nothing."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if known is None:
        return ""
    row = connection.execute(f"SELECT facts FROM {table} WHERE source_id = ?", (number,)).fetchone()
    return "" if row is None else str(row[0])


def _read_mean(
    connection: sqlite3.Connection, number: int, shape: tuple[int, int, int]
) -> NDArray[np.float32]:
    row = connection.execute("SELECT data FROM means WHERE source_id = ?", (number,)).fetchone()
    if row is None or len(row[0]) != 4 * np.prod(shape):
        raise sqlite3.DatabaseError("the mean image is missing or has a wrong size")
    return np.frombuffer(row[0], dtype="<f4").astype(np.float32).reshape(shape)
