"""A small table of made-up features: six classes, each a cloud around a point of its own."""

import numpy as np

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.random_streams import stream

SIZE = 12


def clouds(classes=6, each=40, spread=0.35, seed=0):
    """(n, SIZE) features of lengths that tell nothing, and their labels (n,)."""
    numbers = stream(seed, "test/clouds")
    centres = numbers.normal(size=(classes, SIZE))
    labels = np.repeat(np.arange(classes), each)
    features = centres[labels] + spread * numbers.normal(size=(len(labels), SIZE))
    return features.astype(np.float32), labels


def write_table(name="CLOUDS", **options):
    """The clouds as the dataset `name`, split training; returns its source."""
    features, labels = clouds(**options)
    source = make_source(f"{name}.training", features.reshape(-1, SIZE, 1, 1), labels)
    write_dataset(dataset_path(name), name, {"training": source})
    return source
