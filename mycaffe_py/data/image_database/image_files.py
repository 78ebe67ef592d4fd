"""Images are written to a file of their own, block by block, which appears when it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, little_endian
from mycaffe_py.data.image_database.encoded_source import EncodedSource
from mycaffe_py.data.image_database.row_files import PICTURES, ROWS, file_name
from mycaffe_py.files.temporary import temporary_beside

Told = Callable[[int], object]


@dataclass(frozen=True)
class Stored:
    """How the images of a split are stored: `form`, name of the `file`, and of pictures the number
    of bytes of each (n,) and how they are read (JSON)."""

    form: str
    file: str
    sizes: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    reading: str = ""


def store(folder: Path, split: str, source: ArraySource, progress: Told | None = None) -> Stored:
    """Write the images of `source` to `folder`. Errors: OSError; then nothing is there."""
    stored = _stored_as(split, source)
    write = _write_pictures if isinstance(source, EncodedSource) else _write_rows
    target = folder / stored.file
    temporary = temporary_beside(target)
    try:
        with temporary.open("wb") as file:
            write(file, source, progress or (lambda count: None))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return stored


def move(file: Path, folder: Path, split: str, source: ArraySource) -> Stored:
    """Put the `file` that holds the images of `source` already into its place in `folder`."""
    stored = _stored_as(split, source)
    file.replace(folder / stored.file)
    return stored


def _stored_as(split: str, source: ArraySource) -> Stored:
    """How `source` is stored, or will be."""
    if isinstance(source, EncodedSource):
        name = file_name(split, source.checksum, PICTURES)
        return Stored(PICTURES, name, source.sizes, source.reading)
    return Stored(ROWS, file_name(split, source.checksum, ROWS))


def _write_rows(file: BinaryIO, source: ArraySource, progress: Told) -> None:
    for block in source.blocks():
        file.write(little_endian(block).data)
        progress(len(block))


def _write_pictures(file: BinaryIO, source: ArraySource, progress: Told) -> None:
    for record in range(len(source)):
        file.write(source.raw(record))
        progress(1)
