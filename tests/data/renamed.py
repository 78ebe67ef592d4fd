"""Digits under other numbers and names, as another folder of pictures would have them."""

from collections.abc import Mapping

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import open_source


def write_renamed(dataset: str, names: Mapping[int, str]) -> ArraySource:
    """Store the testing digits `names` as `dataset`.training, numbered 0, 1, ... in that order."""
    digits = open_source("digits28.testing")
    rows = np.flatnonzero(np.isin(digits.labels, list(names)))
    numbers = {digit: number for number, digit in enumerate(names)}
    labels = np.array([numbers[label] for label in digits.labels[rows].tolist()])
    source = make_source(
        f"{dataset}.training", digits.gather(rows), labels, dict(enumerate(names.values()))
    )
    write_dataset(dataset_path(dataset), dataset, {"training": source})
    return source
