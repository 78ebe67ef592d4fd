"""Reading the image database; whatever is wrong with a file is one clear error."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.image_database.database import APPLICATION_ID, VERSIONS, recover
from mycaffe_py.data.image_database.database_checks import guard
from mycaffe_py.data.image_database.database_facts import (
    read_counts,
    read_facts,
    read_label_names,
    read_mean,
)
from mycaffe_py.data.image_database.database_images import read_stored, with_images
from mycaffe_py.data.image_database.old_images import check_announced, read_images
from mycaffe_py.data.image_database.row_files import file_in, rows_folder
from mycaffe_py.data.pictures.picture_record import known_record
from mycaffe_py.data.source_head import SourceHead, make_head
from mycaffe_py.errors import UserError, Where, nearest

# A dataset file that is replaced while it is opened is opened again; twice is rare.
_TRIES = 10
# More than an image of 32-bit numbers in any memory.
_MOST_VALUES = 1 << 34
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
            if kind != APPLICATION_ID or version not in VERSIONS:
                raise sqlite3.DatabaseError(
                    f"not an image database of version {VERSIONS[0]} or {VERSIONS[-1]} "
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
    """Open one source: its images are mapped, or decoded when asked for; those of a file of version
    1 are loaded into memory.

    Errors: no such split, a file that is damaged, incomplete or not an image database.
    """
    for _ in range(_TRIES):
        before = _stamp(path)
        try:
            with reading(path, where) as connection:
                return _source_of(connection, path, _described(connection, dataset, split, where))
        except FileNotFoundError as error:
            # A new version may have taken the place of the one whose images were looked for.
            if _stamp(path) == before:
                raise _without_images(path, error, where) from error
    raise _damaged(path, "it changes all the time", where)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _without_images(path: Path, error: FileNotFoundError, where: Where | None) -> UserError:
    return UserError(
        f"the images of dataset file {path} are missing: there is no {error.filename}",
        where=where,
        wanted=f"they lie in the folder {rows_folder(path).name} beside it",
        do="Copy or rename both together, or create the dataset again with --force.",
    )


def _source_of(connection: sqlite3.Connection, path: Path, row: _StoredSource) -> ArraySource:
    counters, pictures = _all_facts(connection, row)
    kind: Any = _DTYPES[row.dtype]
    plain = ArraySource(
        name=row.name,
        images=np.empty((0, *_possible(row.shape)), kind),
        labels=np.empty(0, np.int64),
        label_names=read_label_names(connection, row.number),
        checksum=row.checksum,
        description=row.description,
        image_mean=read_mean(connection, row.number, row.shape),
        counters=counters,
        pictures=pictures,
    )
    stored = read_stored(connection, row.number)
    if stored is not None:
        return with_images(connection, plain, stored, row.items, rows_folder(path))
    check_announced(connection, row.items, row.shape, row.dtype)
    images = np.empty((row.items, *row.shape), dtype=kind)
    return replace(plain, images=images, labels=read_images(connection, row.first, images))


def _possible(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """`shape`. Errors: no image has so many values."""
    if math.prod(shape) > _MOST_VALUES:
        raise sqlite3.DatabaseError(f"there are no images of {shape}")
    return shape


def read_head(path: Path, dataset: str, split: str, where: Where | None = None) -> SourceHead:
    """The head of one source: a few rows of the file, whatever the number of images.

    Errors: as `read_source`, as far as they can be seen without the images.
    """
    with reading(path, where) as connection:
        return _head_of(connection, _described(connection, dataset, split, where))


def image_file(path: Path, split: str) -> Path | None:
    """The file that holds the images of a split of `path`; None where the dataset file does."""
    with reading(path) as connection:
        stored = read_stored(connection, source_number(connection, path.stem, split))
        return None if stored is None else file_in(rows_folder(path), stored.file)


def read_described(
    connection: sqlite3.Connection, dataset: str, split: str, where: Where | None
) -> tuple[SourceHead, NDArray[np.float32], int]:
    """Head and mean image (C, H, W) of a source, and the id of its first image."""
    row = _described(connection, dataset, split, where)
    return _head_of(connection, row), read_mean(connection, row.number, row.shape), row.first


def _head_of(connection: sqlite3.Connection, row: _StoredSource) -> SourceHead:
    if read_stored(connection, row.number) is None:
        check_announced(connection, row.items, row.shape, row.dtype)
    counts = read_counts(connection, row.number)
    if sum(counts.values()) != row.items:
        raise sqlite3.DatabaseError(f"the labels of '{row.name}' do not count {row.items} images")
    counters, pictures = _all_facts(connection, row)
    return make_head(
        row.name,
        _possible(row.shape),
        counts,
        dtype=_DTYPES[row.dtype],
        label_names=read_label_names(connection, row.number),
        checksum=row.checksum,
        description=row.description,
        counters=counters,
        pictures=pictures,
    )


class _StoredSource(NamedTuple):
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
) -> _StoredSource:
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
    return _StoredSource(name, number, shape, dtype, first, count, checksum, description)


def _all_facts(connection: sqlite3.Connection, row: _StoredSource) -> tuple[str, str]:
    """The JSON of counters, and that of how pictures were read; "" where there is none."""
    counters, pictures = (
        read_facts(connection, table, row.number) for table in ("counters", "pictures")
    )
    return counters, pictures or known_record(row.name)
