"""Pictures of single items: many on one sheet, so that a page asks once for all it shows."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.feature_tables.feature_checks import stored_checksum
from mycaffe_py.data.pictures.sheet import as_picture
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.answers import Answers

# A sheet shows pictures no larger than this; smaller ones keep their pixels.
MOST_SIDE_PX = 128
_BYTE = 255


def opened(name: str) -> ArraySource:
    """The source called `name`, kept open while it does not change. Errors: it is not there."""
    return _opened(name, stored_checksum(name) or "")


@lru_cache(maxsize=2)
def _opened(name: str, checksum: str) -> ArraySource:
    return open_source(name, make=False)


def check_records(source: ArraySource, records: list[int]) -> NDArray[np.int64]:
    """The records as an array. Errors: the source has no such item."""
    found = np.array(records, np.int64)
    if len(found) and not 0 <= found.min() <= found.max() < len(source):
        raise UserError(f"{source.name} has no such item", do="Reload the page: files changed.")
    return found


def sheet(source: ArraySource, records: list[int], columns: int) -> bytes:
    """The pictures of `records` as one PNG, `columns` a row, without gaps."""
    images = source.gather(check_records(source, records))
    _, height, width = source.shape
    scale = min(1.0, MOST_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    rows = max(1, -(-len(records) // columns))
    paper = Image.new("RGB", (size[0] * columns, size[1] * rows))
    for number, image in enumerate(images):
        tile = as_picture(_shown(image))
        if scale < 1:
            tile = tile.resize(size, Image.Resampling.BILINEAR)
        paper.paste(tile, (number % columns * size[0], number // columns * size[1]))
    raw = io.BytesIO()
    paper.save(raw, "PNG", compress_level=1)
    return raw.getvalue()


def _shown(image: NDArray[Any]) -> NDArray[Any]:
    """Values as light from 0 to 255: numbers of another range are stretched over it."""
    if image.dtype == np.uint8:
        return image
    low, high = float(image.min()), float(image.max())
    if low >= 0 and 1 < high <= _BYTE:
        return image
    return (image - low) * (_BYTE / (high - low or 1))


def drawing(answers: Answers, records: list[int]) -> dict[str, Any]:
    """How the items `records` of the source measured on can be drawn.

    By a sheet of pictures of `height` and `width`; as `lines`, one for each of the `counters`; or
    not at all, and why. `changed` says that the source is no longer what was measured.
    """
    try:
        source = opened(answers.source)
        found: dict[str, Any] = {"height": source.shape[1], "width": source.shape[2]}
        if source.counters:
            counters = Counters.from_json(source.counters)
            found = {"lines": _lines(source, counters, records), "counters": list(counters.names)}
    except MyCaffeError as error:
        return {"not_drawn": error.as_json()}
    return {**found, "changed": source.checksum != answers.checksum}


def _lines(source: ArraySource, counters: Counters, records: list[int]) -> list[list[list[float]]]:
    """Of windows of counters the values in their own units: item, counter, time step."""
    images = source.gather(check_records(source, records)).astype(np.float32)
    values: list[list[list[float]]] = counters.unscaled(images).transpose(0, 2, 1).tolist()
    return values
