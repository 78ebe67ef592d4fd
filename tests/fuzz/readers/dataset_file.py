"""The image database of a data set, SQLite, of both versions."""

from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.database_reading import read_source, read_splits
from mycaffe_py.data.image_database.image_files import store
from mycaffe_py.data.image_database.row_files import rows_folder
from tests.data.image_database.old_form import write_old
from tests.fuzz.reader import Reader

_KINDS: tuple[tuple[Any, int], ...] = ((np.uint8, 7), (np.float32, 40))


def _samples(folder: Path) -> list[bytes]:
    made = []
    for write in (write_dataset, write_old):
        for kind, count in _KINDS:
            path = folder / "X.sqlite"
            write(path, "X", _sources(kind, count), "made to be damaged")
            made.append(path.read_bytes())
    return made


def _sources(kind: Any, count: int) -> dict[str, ArraySource]:
    images = np.arange(count * 60).reshape(count, 3, 4, 5).astype(kind)
    labels = np.arange(count) % 3
    return {
        split: make_source(f"X.{split}", images, labels, {0: "zero", 1: "one", 2: "two"})
        for split in ("training", "testing")
    }


def _read(path: Path) -> None:
    folder = rows_folder(path)
    if not folder.exists():
        folder.mkdir()
        for kind, count in _KINDS:
            for split, source in _sources(kind, count).items():
                store(folder, split, source)
    for split in read_splits(path)[:3]:
        read_source(path, "X", split).gather(np.arange(3))


READER = Reader(
    samples=_samples,
    read=_read,
    file="X.sqlite",
    words=(b"VIEW", b"TRIGGER", b"sources", b"images", b"INTEGER", b"BLOB", b"AS (1)", b"VIRTUAL"),
)
