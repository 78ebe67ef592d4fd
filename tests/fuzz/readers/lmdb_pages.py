"""LMDB's data.mdb: one page too many or a wrong place must not end the process."""

from pathlib import Path

import lmdb
import numpy as np

from mycaffe_py.data.caffe_stores.datum import make_datum
from mycaffe_py.data.caffe_stores.stores import open_records
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    """Small records, some with pages of their own, and many in a tree of two levels."""
    return [_store(folder / str(n), n, size) for n, size in ((60, 4), (6, 90), (900, 2))]


def _store(folder: Path, records: int, size: int) -> bytes:
    if not folder.exists():
        with lmdb.open(str(folder), map_size=1 << 24) as store, store.begin(write=True) as writing:
            for number in range(records):
                image = np.full((1, size, size), number % 256, np.uint8)
                value = make_datum(image, number % 10).SerializeToString()
                writing.put(b"%08d" % number, value)
    return (folder / "data.mdb").read_bytes()


def _read(path: Path) -> None:
    walk = open_records(path.parent)
    for number in range(min(walk.length(), 1000)):
        walk.value(number)


READER = Reader(samples=_samples, read=_read, file="data.mdb")
