"""Weights and states in HDF5."""

from pathlib import Path

import h5py
import numpy as np

from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.hdf5 import write_h5_state, write_h5_weights
from mycaffe_py.snapshot.state import read_state
from mycaffe_py.snapshot.weights import read_weights
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    layers = [("ip", {0: rows, 1: rows[0]}), ("a/b", {0: rows.astype(np.float64)})]
    write_h5_weights(folder / "w.caffemodel.h5", layers)
    write_h5_state(folder / "s.solverstate.h5", 7, "w.caffemodel.h5", [rows], 2, [rows])
    with h5py.File(folder / "packed", "w") as file:
        file.create_dataset("data/ip/0", data=rows, compression="gzip", chunks=(2, 2))
    return [path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()]


def _read(path: Path) -> None:
    """Whatever the file is, both must answer."""
    try:
        read_weights(path)
    except UserError:
        read_state(path)


READER = Reader(samples=_samples, read=_read, file="w.h5")
