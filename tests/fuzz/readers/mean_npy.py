"""A mean image as numpy writes it."""

import io
from pathlib import Path

import numpy as np

from mycaffe_py.data.transform.mean_file import read_mean
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    rows = np.arange(3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5)
    arrays = (rows, rows.astype(">f8"), np.asfortranarray(rows.astype(np.uint8)), rows[np.newaxis])
    made = []
    for array in arrays:
        stream = io.BytesIO()
        np.save(stream, array)
        made.append(stream.getvalue())
    return made


READER = Reader(
    samples=_samples,
    read=read_mean,
    file="mean.npy",
    words=(b"'descr': ", b"O", b"(1099511627776,)", b"PK\3\4", b"[", b"f8", b", ", b"\\"),
)
