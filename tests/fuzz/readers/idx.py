"""MNIST's files, packed and not."""

import gzip
import struct
from pathlib import Path

import numpy as np

from mycaffe_py.data.digits.idx import image_blocks, read_labels
from mycaffe_py.errors import UserError
from tests.fuzz.reader import Reader


def _images(*args):
    return np.concatenate(list(image_blocks(*args)))


def _samples(folder: Path) -> list[bytes]:
    images = struct.pack(">4I", 0x803, 3, 4, 5) + bytes(range(60))
    labels = struct.pack(">2I", 0x801, 3) + bytes((0, 1, 2))
    return [images, labels, gzip.compress(images), gzip.compress(labels)]


def _read(path: Path) -> None:
    try:
        _images(path)
    except UserError:
        read_labels(path)


READER = Reader(samples=_samples, read=_read, file="images-idx3-ubyte.gz")
