"""The inputs of enrolled classes, a .npz."""

import io
from pathlib import Path

import numpy as np

from mycaffe_py.trained.enrollment_files import read_inputs
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    made = []
    for save in (np.savez_compressed, np.savez):
        stream = io.BytesIO()
        save(stream, a=np.arange(784, dtype=np.uint8).reshape(1, 28, 28), b=np.ones((3, 4)))
        made.append(stream.getvalue())
    return made


READER = Reader(samples=_samples, read=read_inputs, file="net_iter_9.enrolled.npz")
