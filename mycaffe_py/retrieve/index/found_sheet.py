"""Pictures of an index on a sheet: what was found, what is double, what lies far out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.pictures.picture import UnreadableError, open_flat
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.figures import distance_text
from mycaffe_py.retrieve.index.entries import as_record
from mycaffe_py.retrieve.index.search import Answer, Found
from mycaffe_py.retrieve.picture_rows import Shown, draw_rows

# Of a picture file; the sheet shows less.
_MOST_PX = 256


def draw_found(found: Found, path: Path) -> int:
    """A row for each query: at the left what was asked, then what was found.

    Where the query's label is known, a green frame means the same label, a red one another.
    """
    rows = [
        [_asked(answer), *(shown_row(hit.path, _words(hit), _right(answer, hit.label))
        for hit in answer.hits)]
        for answer in found.answers
    ]  # fmt: skip
    return draw_rows(path, f"index {found.index.name}: the most alike", rows)


def shown_row(path: str, words: tuple[str, ...], right: bool | None = None) -> Shown:
    """The picture of a row of an index, by where it is from."""
    return Shown(picture_of(path), words, right)


def picture_of(path: str) -> NDArray[Any] | None:
    """(C, H, W) of a file or record; None where it can no longer be had or is no picture."""
    record = as_record(path)
    if record is not None:
        source = _source(record[0])
        if source is None or record[1] >= len(source):
            return None
        return np.asarray(source.image(record[1]))
    try:
        pixels = open_flat(Path(path), gray=False).pixels
    except (UnreadableError, OSError):
        return None
    step = max(1, max(pixels.shape[1:]) // _MOST_PX)
    return pixels[:, ::step, ::step]


@lru_cache(maxsize=2)
def _source(name: str) -> ArraySource | None:
    try:
        return open_source(name, make=False)
    except UserError:
        return None


def _asked(answer: Answer) -> Shown:
    """What was asked; of several pictures their mean, as pixels."""
    mean = np.mean([image.astype(np.float64) for image in answer.images], axis=0)
    image = mean.astype(answer.images[0].dtype)
    return Shown(image, (Path(answer.query).name, answer.label))


def _words(hit: Any) -> tuple[str, str]:
    return hit.label or Path(hit.path).name, distance_text(hit.distance)


def _right(answer: Answer, label: str) -> bool | None:
    return label == answer.label if answer.label and label else None
