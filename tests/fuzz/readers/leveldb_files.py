"""LevelDB's files: one of a store's is damaged, the others stay whole."""

import shutil
from importlib import import_module
from pathlib import Path

import numpy as np

from mycaffe_py.data.caffe_stores.datum import make_datum
from mycaffe_py.data.caffe_stores.stores import PLYVEL, open_records
from tests.fuzz.reader import Reader

plyvel = import_module(PLYVEL)

KINDS = ("CURRENT", "MANIFEST", ".log", ".ldb")


def _store(folder: Path) -> Path:
    """Records in a table, and some in the log."""
    if not folder.exists():
        for first in (0, 40):
            with plyvel.DB(str(folder), create_if_missing=True) as store:
                for number in range(first, first + 40):
                    image = np.full((1, 8, 8), number, np.uint8)
                    store.put(b"%08d" % number, make_datum(image, number).SerializeToString())
    return folder


def _kept(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if any(kind in p.name for kind in KINDS))


def _samples(folder: Path) -> list[bytes]:
    """The number of the file in the store, then what it holds."""
    files = _kept(_store(folder / "store"))
    return [bytes([number]) + path.read_bytes() for number, path in enumerate(files)]


def _read(path: Path) -> None:
    store, copy = path.with_name("store"), path.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(store, copy)
    content = path.read_bytes()
    files = _kept(copy)
    files[content[0] % len(files) if content else 0].write_bytes(content[1:])
    walk = open_records(copy)
    for number in range(min(walk.length(), 200)):
        walk.value(number)


READER = Reader(
    samples=_samples, read=_read, prepare=lambda folder: (_store(folder / "store"), None)[1]
)
