"""Pictures of another size, one pixel after the other."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def between_corners(x: Array, height: int, width: int) -> Array:
    """x (N, C, H, W) as (N, C, height, width); each value from its four neighbours."""
    rows, columns = _nearness(x.shape[2], height), _nearness(x.shape[3], width)
    return np.einsum("ik,nckm,jm->ncij", rows, x, columns, optimize=True)


def _nearness(size: int, wanted: int) -> Array:
    """(wanted, size): how near each pixel of the result is to each there was; 0 from 1 on."""
    places = np.linspace(0, size - 1, wanted) if wanted > 1 else np.zeros(1)
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(size)))


def unpooled(x: Array, places: Array, height: int, width: int) -> Array:
    """Each value of x (N, C, h, w) at its place in a plane of zeros."""
    y = np.zeros((*x.shape[:2], height * width))
    for at in np.ndindex(x.shape):
        y[at[0], at[1], int(places[at])] = x[at]
    return y.reshape(*x.shape[:2], height, width)


def repeated(x: Array, times: int) -> Array:
    """Each pixel of x (N, C, h, w) as a square."""
    y = np.zeros((*x.shape[:2], x.shape[2] * times, x.shape[3] * times))
    for i, j in product(range(y.shape[2]), range(y.shape[3])):
        y[:, :, i, j] = x[:, :, i // times, j // times]
    return y
