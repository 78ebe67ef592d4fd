"""Small sources for the tests of this folder."""

import numpy as np

from mycaffe_py.data.array_source import make_source


def small_source(name="SMALL.training", count=30, classes=3, shape=(2, 5, 4), dtype=np.uint8):
    """`count` random images whose labels go round."""
    numbers = np.random.default_rng(11)
    images = numbers.integers(0, 256, (count, *shape)).astype(dtype)
    labels = np.arange(count, dtype=np.int64) % classes
    names = {label: f"class {label}" for label in range(classes)}
    return make_source(name, images, labels, names, description="made by a test")
