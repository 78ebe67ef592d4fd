"""What both journeys of the tutorial begin with: the four files of the digits, a folder of data."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from mycaffe_py.data.digits.idx import IMAGES_MAGIC, LABELS_MAGIC
from mycaffe_py.data.source import open_source

ITERATIONS, SEED, LEAST_PERCENT = 200, 1, 85.0
ONE = [(0.42, 0.3), (0.5, 0.15), (0.5, 0.5), (0.5, 0.86)]
_SPLITS = {"train": "digits28.training", "t10k": "digits28.testing"}


def write_digits(folder: Path) -> None:
    """The built-in digits as the four files that MNIST comes in."""
    folder.mkdir()
    for part, name in _SPLITS.items():
        source = open_source(name)
        count = len(source)
        pixels = source.gather(np.arange(count))
        images = struct.pack(">4i", IMAGES_MAGIC, count, 28, 28) + pixels.astype(np.uint8).tobytes()
        (folder / f"{part}-images-idx3-ubyte").write_bytes(images)
        labels = struct.pack(">2i", LABELS_MAGIC, count) + source.labels.astype(np.uint8).tobytes()
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels)
