"""Solver states, as protobuf and in HDF5: all that resume reads of them."""

from pathlib import Path

import numpy as np

from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.state import read_state, write_state
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    """Plain, with what layers carry, and one that names no history."""
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    made = []
    for hdf5 in (False, True):
        for history, carried in (([rows, rows[0]], []), ([rows.astype(float)], [rows]), ([], [])):
            path = folder / f"{len(made)}.solverstate"
            write_state(path, 7, "net_iter_7.caffemodel", history, 2, carried, hdf5=hdf5)
            made.append(path.read_bytes())
    return made


def _read(path: Path) -> None:
    SnapshotFiles.of_state(path)
    state = read_state(path)
    for blob in (*state.history, *state.carried):
        float(blob.array.sum())


READER = Reader(
    samples=_samples, read=_read, file="net_iter_7.solverstate",
    words=(b"\x08\xff\xff\xff\xff\x0f", b"\x1a\0", b"\x0a\0", b"\x22\0", b"\xc2\x3e\0"),
)  # fmt: skip
