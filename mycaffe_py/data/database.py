"""Floor 2. The image database: one SQLite file per dataset.

A file is written under a temporary name and renamed when complete, so that readers never see half
of one. `images` has one row per image in the order of the source; all images of a source share the
shape that stands on the source.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.errors import UserError, Where, nearest

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
CREATE TABLE results (
    id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES sources(id),
    idx INTEGER NOT NULL, snapshot TEXT NOT NULL, label INTEGER NOT NULL, data BLOB NOT NULL);
"""

# 16 KiB pages hold twenty 28x28 images each: MNIST opens in two thirds of the time 4 KiB take.
_PAGE_BYTES = 16384
# Rows joined at a time while reading; more only costs cache misses.
_READ_ROWS = 256
_DTYPES: dict[str, type[np.uint8] | type[np.float32]] = {"uint8": np.uint8, "float32": np.float32}


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
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
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
            connection.execute("INSERT INTO dataset VALUES (?, ?)", (dataset, description))
            first = 0
            for number, (split, source) in enumerate(sources.items(), start=1):
                _insert_source(connection, number, split, source, first)
                connection.executemany(
                    "INSERT INTO images VALUES (?, ?, ?, ?, ?)",
                    _rows(number, source, first, progress),
                )
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
            (number, label, name, int(counts[label]) if label < len(counts) else 0)
            for label, name in sorted(source.label_names.items())
        ],
    )
    mean = source.mean().astype("<f4")
    connection.execute("INSERT INTO means VALUES (?, ?)", (number, mean.tobytes()))


def _rows(
    number: int, source: ArraySource, first: int, progress: Callable[[int], object] | None
) -> Iterator[tuple[int, int, int, int, bytes]]:
    little_endian = source.dtype.newbyteorder("<")
    for index, label in enumerate(source.labels.tolist()):
        image = source.images[index].astype(little_endian, copy=False)
        yield first + index, number, index, label, image.tobytes()
        if progress is not None:
            progress(1)


def read_splits(path: Path, where: Where | None = None) -> list[str]:
    """Names of the splits in a dataset file, in the order they were written."""
    with _reading(path, where) as connection:
        return [row[0] for row in connection.execute("SELECT split FROM sources ORDER BY id")]


def read_source(path: Path, dataset: str, split: str, where: Where | None = None) -> ArraySource:
    """Load one source into memory.

    Errors: no such split, a file that is damaged, incomplete or not an image database.
    """
    with _reading(path, where) as connection:
        row = connection.execute(
            "SELECT id, channels, height, width, dtype, first_image_id, image_count, checksum,"
            " (SELECT description FROM dataset) FROM sources WHERE split = ?",
            (split,),
        ).fetchone()
        if row is None:
            known = [r[0] for r in connection.execute("SELECT split FROM sources")]
            raise UserError(
                f"dataset '{dataset}' has no split '{split}'", where=where, do=nearest(split, known)
            )
        number, channels, height, width, dtype, first, count, checksum, description = row
        if dtype not in _DTYPES or min(channels, height, width, count) < 1:
            raise sqlite3.DatabaseError(f"source '{split}' is described wrongly")
        shape = (channels, height, width)
        images = np.empty((count, *shape), dtype=_DTYPES[dtype])
        labels = _read_images(connection, first, images)
        return ArraySource(
            name=f"{dataset}.{split}",
            images=images,
            labels=labels,
            label_names=_read_label_names(connection, number),
            checksum=checksum,
            description=description,
            image_mean=_read_mean(connection, number, shape),
        )


def _read_images(connection: sqlite3.Connection, first: int, images: Images) -> NDArray[np.int64]:
    """Fill `images` from the rows starting at id `first`; return their labels (n,)."""
    count = len(images)
    labels = np.empty(count, dtype=np.int64)
    flat = images.reshape(count, -1)
    row_bytes = flat.shape[1] * flat.itemsize
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
    rows = connection.execute("SELECT label, name FROM labels WHERE source_id = ?", (number,))
    return {int(label): str(name) for label, name in rows}


def _read_mean(
    connection: sqlite3.Connection, number: int, shape: tuple[int, int, int]
) -> NDArray[np.float32]:
    row = connection.execute("SELECT data FROM means WHERE source_id = ?", (number,)).fetchone()
    if row is None or len(row[0]) != 4 * np.prod(shape):
        raise sqlite3.DatabaseError("the mean image is missing or has a wrong size")
    return np.frombuffer(row[0], dtype="<f4").astype(np.float32).reshape(shape)


@contextmanager
def _reading(path: Path, where: Where | None) -> Iterator[sqlite3.Connection]:
    """Open a dataset file for reading; whatever SQLite finds wrong with it is one clear error."""
    try:
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
            yield connection
    except (sqlite3.Error, TypeError, ValueError, OverflowError) as error:
        raise UserError(
            f"dataset file {path} is damaged or not an image database: {error}",
            where=where,
            do="Remove it and create the dataset again ('mycaffe dataset create --help').",
        ) from error
