"""A folder of pictures with a folder for each class, and an index of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mycaffe_py.data.pictures.sheet import as_picture
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.features.feature_base import base_of_snapshot
from mycaffe_py.retrieve.index.build import Built, create_index
from mycaffe_py.retrieve.index.helping import Wanted


def write_digits(folder: Path, labels: tuple[int, ...] = (0, 1, 2), each: int = 4) -> Path:
    """LABEL/N.png of the built-in test pictures."""
    source = open_source("digits28.testing")
    for label in labels:
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        for number, record in enumerate(np.flatnonzero(source.labels == label)[:each].tolist()):
            as_picture(source.images[record]).save(folder / str(label) / f"{number}.png")
    return folder


def write_one(path: Path, record: int) -> Path:
    """Picture number `record` of the built-in training pictures."""
    as_picture(open_source("digits28.training").images[record]).save(path)
    return path


def make_index(snapshot: Path, *names: str | Path, **wanted: object) -> Built:
    """An index of what `names` mean."""
    asked = Wanted(**wanted)  # type: ignore[arg-type]
    return create_index([str(name) for name in names], lambda: base_of_snapshot(snapshot), asked)
