"""Opens the images of a split that lie beside their dataset file."""

from __future__ import annotations

import sqlite3
from dataclasses import fields, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.image_database.encoded_source import EncodedSource
from mycaffe_py.data.image_database.row_files import (
    FORMS,
    ROWS,
    check_size,
    file_in,
    mapped_rows,
)
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.data.selection.label_numbers import blocks
from mycaffe_py.errors import UserError
from mycaffe_py.files.roomy import roomy_zeros


class StoredImages(NamedTuple):
    """What the dataset file says of the images of a split, `number`, that lie in a `file`."""

    number: int
    form: str
    file: str
    reading: str


def read_stored(connection: sqlite3.Connection, number: int) -> StoredImages | None:
    """Where the images of a source lie; None where they are in the dataset file itself."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'stored'").fetchone()
    if known is None:
        return None
    row = connection.execute(
        "SELECT form, file, reading FROM stored WHERE source_id = ?", (number,)
    ).fetchone()
    if row is None:
        return None
    form, file, reading = row
    if form not in FORMS or not isinstance(file, str) or not isinstance(reading, str):
        raise sqlite3.DatabaseError("it is described wrongly where its images lie")
    return StoredImages(number, form, file, reading)


def with_images(
    connection: sqlite3.Connection,
    plain: ArraySource,
    stored: StoredImages,
    count: int,
    folder: Path,
) -> ArraySource:
    """`plain` with its `count` images in `folder`, and their labels.

    Errors: FileNotFoundError, and sqlite3.DatabaseError where something does not fit.
    """
    labels = _integers(connection, stored.number, count, "labels")
    file = file_in(folder, stored.file)
    if stored.form == ROWS:
        images = mapped_rows(file, count, plain.shape, plain.dtype)
        return replace(plain, images=images, labels=labels)
    sizes = _integers(connection, stored.number, count, "sizes")
    check_size(file, int(sizes.sum()))
    _check_reading(stored.reading, plain)
    return mapped_source(replace(plain, labels=labels), file, sizes, stored.reading)


def mapped_source(
    plain: ArraySource, file: Path, sizes: NDArray[np.int64], reading: str
) -> EncodedSource:
    """`plain` with the pictures in `file`, of these `sizes` (n,), read as `reading` (JSON) says."""
    told = {one.name: getattr(plain, one.name) for one in fields(ArraySource)}
    starts = roomy_zeros(len(sizes), np.int64)
    np.cumsum(sizes[:-1], out=starts[1:])
    return EncodedSource(
        **told,
        file=file,
        content=np.asarray(np.memmap(file, np.uint8, "r")),
        starts=starts,
        sizes=sizes,
        reading=reading,
    )


def write_integers(
    connection: sqlite3.Connection, number: int, column: str, numbers: NDArray[np.int64]
) -> None:
    """Write the `numbers` into the room that is kept for them in `column`, block by block."""
    with connection.blobopen("stored", column, number) as blob:
        for at in blocks(len(numbers)):
            blob.write(numbers[at].astype("<i8").tobytes())


def _integers(
    connection: sqlite3.Connection, number: int, count: int, column: str
) -> NDArray[np.int64]:
    """The `count` integers from 0 on in `column`, "labels" or "sizes" of pictures."""
    with connection.blobopen("stored", column, number, readonly=True) as blob:
        if len(blob) != 8 * count:
            raise sqlite3.DatabaseError(
                f"{count} images are announced, and there are other {column}"
            )
        found = roomy_zeros(count, np.int64)
        for at in blocks(count):
            found[at] = np.frombuffer(blob.read(8 * (at.stop - at.start)), "<i8")
    # The sum of so many is still a number of bytes.
    if found.min() < 0 or found.max() > (1 << 62) // count:
        raise sqlite3.DatabaseError(f"the {column} run from {found.min()} to {found.max()}")
    return found


def _check_reading(reading: str, plain: ArraySource) -> None:
    try:
        shape = PictureRecord.from_json(reading).shape
    except UserError as error:
        raise sqlite3.DatabaseError(str(error)) from error
    if shape != plain.shape or plain.dtype != np.uint8:
        raise sqlite3.DatabaseError(f"its pictures become {shape}, its images are {plain.shape}")
