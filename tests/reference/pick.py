"""Largest values, gathers and their gradients as a student would write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def largest_first(x: Array, k: int) -> Array:
    """Indices (outer, k, inner) of the k largest of x (outer, C, inner); ties: the later first."""
    index = np.zeros((x.shape[0], k, x.shape[2]), np.int64)
    for n in range(x.shape[0]):
        for i in range(x.shape[2]):
            line = [(-np.inf if np.isnan(v) else v, c) for c, v in enumerate(x[n, :, i])]
            index[n, :, i] = [c for _, c in sorted(line, reverse=True)[:k]]
    return index


def add_rows(dy: Array, index: Array, rows: int) -> Array:
    """dx (rows, D) with every dy[m] added at index[m]."""
    dx = np.zeros((rows, dy.shape[1]))
    for m, target in enumerate(index):
        dx[target] += dy[m]
    return dx
