"""An HDF5 file as HDF5Data reads it."""

from pathlib import Path

import h5py
import numpy as np

from mycaffe_py.data.caffe_stores.hdf5_reading import Hdf5Feed, open_files
from mycaffe_py.errors import Where
from tests.fuzz.reader import Reader

NAMES = ["data", "label"]


def _samples(folder: Path) -> list[bytes]:
    packed = {"compression": "gzip", "chunks": True}
    return [
        _made(folder / "plain.h5", {}, {}),
        _made(folder / "packed.h5", {}, {**packed, "shuffle": True, "fletcher32": True}),
        _made(folder / "latest.h5", {"libver": "latest"}, packed),
        _made(folder / "growing.h5", {}, {"maxshape": (None, 4)}),
    ]


def _made(path: Path, of_file: dict[str, object], of_data: dict[str, object]) -> bytes:
    rows = np.arange(24, dtype=np.float32).reshape(6, 4)
    with h5py.File(path, "w", **of_file) as file:
        file.create_dataset("data", data=rows, **of_data)
        file["label"] = np.arange(6)
        file["other"] = h5py.SoftLink("/nowhere")
        file["far"] = h5py.ExternalLink("none.h5", "/data")
    return path.read_bytes()


def _read(path: Path) -> None:
    source = path.with_name("list.txt")
    source.write_text(str(path))
    where = Where("net.prototxt", 3)
    feed = Hdf5Feed(open_files(source, NAMES, where), NAMES, 4, True, 1, "TRAIN", where)
    feed.fill(1, [np.empty(shape, np.float32) for shape in feed.shapes])


READER = Reader(samples=_samples, read=_read, file="data.h5")
