"""A source whose images stay in a dataset file of version 1 until they are asked for."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.gathered_source import GatheredSource
from mycaffe_py.data.image_database.database_checks import bounded
from mycaffe_py.data.image_database.database_reading import (
    image_file,
    read_described,
    read_source,
    reading,
)
from mycaffe_py.errors import Where

# Fewer than the variables that any SQLite takes in one question.
_ASKED_ROWS = 500


@dataclass(frozen=True, eq=False)
class RowsInFile(GatheredSource):
    """Looking through a large data set so takes little memory."""

    path: Path = field(kw_only=True)
    first: int = field(kw_only=True)

    def gather(self, records: NDArray[np.int64]) -> Images:
        """The images at `records` (n,): (n, C, H, W). Errors: a damaged file."""
        gathered: Any = np.empty((len(records), *self.shape), self.dtype)
        with reading(self.path) as connection:
            bounded(connection, gathered[:1].nbytes)
            for start in range(0, len(records), _ASKED_ROWS):
                asked = records[start : start + _ASKED_ROWS]
                gathered[start : start + len(asked)] = self._rows(connection, asked)
        images: Images = gathered
        return images

    def _rows(self, connection: sqlite3.Connection, records: NDArray[np.int64]) -> NDArray[Any]:
        numbers = [self.first + int(record) for record in records]
        marks = ",".join("?" * len(numbers))
        found = dict(
            connection.execute(f"SELECT id, data FROM images WHERE id IN ({marks})", numbers)
        )
        if len(found) != len(set(numbers)):
            raise sqlite3.DatabaseError("images are announced that are not there")
        pixels = b"".join(found[number] for number in numbers)
        if len(pixels) != len(numbers) * int(np.prod(self.shape)) * self.dtype.itemsize:
            raise sqlite3.DatabaseError("an image has another length than its shape says")
        return np.frombuffer(pixels, self.dtype.newbyteorder("<")).reshape(-1, *self.shape)


def read_rows(path: Path, dataset: str, split: str, where: Where | None = None) -> ArraySource:
    """A split of the file `path` to look through. Errors: as `read_head`, too few labels."""
    if image_file(path, split) is not None:
        return read_source(path, dataset, split, where)
    with reading(path, where) as connection:
        head, mean, first = read_described(connection, dataset, split, where)
        rows = connection.execute(
            "SELECT label FROM images WHERE id >= ? AND id < ? ORDER BY id",
            (first, first + len(head)),
        )
        labels = np.array([int(label) for (label,) in rows], np.int64)
        if len(labels) != len(head) or labels.min() < 0:
            raise sqlite3.DatabaseError(f"{len(head)} images are announced, {len(labels)} there")
    return RowsInFile(
        name=head.name,
        images=head.images,
        labels=labels,
        label_names=head.label_names,
        checksum=head.checksum,
        description=head.description,
        image_mean=mean,
        counters=head.counters,
        pictures=head.pictures,
        path=path,
        first=first,
    )
