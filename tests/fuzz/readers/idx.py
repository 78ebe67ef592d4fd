"""MNIST's files, packed and not."""

import gzip
import struct
from pathlib import Path

from mycaffe_py.data.idx import read_images, read_labels
from mycaffe_py.errors import UserError
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    images = struct.pack(">4I", 0x803, 3, 4, 5) + bytes(range(60))
    labels = struct.pack(">2I", 0x801, 3) + bytes((0, 1, 2))
    return [images, labels, gzip.compress(images), gzip.compress(labels)]


def _read(path: Path) -> None:
    try:
        read_images(path)
    except UserError:
        read_labels(path)


READER = Reader(samples=_samples, read=_read, file="images-idx3-ubyte.gz")
