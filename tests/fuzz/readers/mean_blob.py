"""A mean image as compute_image_mean writes it."""

from pathlib import Path

import numpy as np

from mycaffe_py.data.transform.mean_file import read_mean, write_mean
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    write_mean(folder / "mean.binaryproto", np.arange(60, dtype=np.float32).reshape(3, 4, 5))
    return [(folder / "mean.binaryproto").read_bytes()]


READER = Reader(samples=_samples, read=read_mean, file="mean.binaryproto")
