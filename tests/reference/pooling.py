"""Pooling by its definition: one window after the other, in float64."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]


def window(place: int, kernel: int, stride: int, pad: int, size: int) -> tuple[slice, int]:
    """The part inside the picture, and how long the window is with the padding it reaches."""
    start = place * stride - pad
    inside = slice(max(start, 0), min(start + kernel, size))
    return inside, min(start + kernel, size + pad) - start


def pool(x: Array, kernel: Pair, stride: Pair, pad: Pair, out: Pair) -> tuple[Array, Array, Array]:
    """Maximum, its flat place, and mean: three arrays (N, C, OH, OW)."""
    largest = np.zeros((*x.shape[:2], *out))
    places = np.zeros(largest.shape, dtype=np.int64)
    mean = np.zeros(largest.shape)
    width = x.shape[3]
    for n, c, oy, ox in product(*map(range, largest.shape)):
        rows, tall = window(oy, kernel[0], stride[0], pad[0], x.shape[2])
        columns, wide = window(ox, kernel[1], stride[1], pad[1], width)
        part = x[n, c, rows, columns]
        largest[n, c, oy, ox] = part.max()
        y, z = np.unravel_index(part.argmax(), part.shape)
        places[n, c, oy, ox] = (rows.start + y) * width + columns.start + z
        mean[n, c, oy, ox] = part.sum() / (tall * wide)
    return largest, places, mean
