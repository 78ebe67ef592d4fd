"""The image database of a data set, SQLite."""

from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.database import write_dataset
from mycaffe_py.data.database_reading import read_source, read_splits
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    return [_made(folder / "bytes.sqlite", np.uint8, 7), _made(folder / "floats.sqlite", "f4", 40)]


def _made(path: Path, kind: object, count: int) -> bytes:
    images = np.arange(count * 60).reshape(count, 3, 4, 5).astype(kind)
    labels = np.arange(count) % 3
    sources = {
        split: make_source(f"X.{split}", images, labels, {0: "zero", 1: "one", 2: "two"})
        for split in ("training", "testing")
    }
    write_dataset(path, "X", sources, "made to be damaged")
    return path.read_bytes()


def _read(path: Path) -> None:
    for split in read_splits(path)[:3]:
        read_source(path, "X", split)


READER = Reader(
    samples=_samples,
    read=_read,
    file="X.sqlite",
    words=(b"VIEW", b"TRIGGER", b"sources", b"images", b"INTEGER", b"BLOB", b"AS (1)", b"VIRTUAL"),
)
