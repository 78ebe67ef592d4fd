"""Images of dataset files of version 1, where each is a row of a table."""

from __future__ import annotations

import math
import sqlite3

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import Images
from mycaffe_py.data.image_database.database_checks import bounded, file_bytes

# Rows joined at a time while reading; more only costs cache misses.
_READ_ROWS = 256


def check_announced(
    connection: sqlite3.Connection, count: int, shape: tuple[int, int, int], dtype: str
) -> None:
    """Refuse a damaged count before memory for it is taken: the file cannot hold that many."""
    announced = count * math.prod(shape) * np.dtype(dtype).itemsize
    if announced > file_bytes(connection):
        raise sqlite3.DatabaseError(f"{count} images of {shape} do not fit in the file")


def read_images(connection: sqlite3.Connection, first: int, images: Images) -> NDArray[np.int64]:
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
