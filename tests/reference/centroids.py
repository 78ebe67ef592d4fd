"""Centroids and distances as loops over labels and rows, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def centroid(items: list[Array], capacity: int) -> Array:
    """Mean of the first `capacity` items, then a moving average with weight 1/capacity."""
    mean = np.mean(np.asarray(items[:capacity], dtype=float), axis=0)
    for item in items[capacity:]:
        mean = mean * (1 - 1 / capacity) + item / capacity
    return mean


def squared_distances(x: Array, points: list[Array | None]) -> Array:
    """(N, L); infinity where there is no point."""
    rows = []
    for row in x.astype(float):
        rows.append([np.inf if p is None else float(((row - p) ** 2).sum()) for p in points])
    return np.array(rows)


def nearest_mean(row: Array, kept: Array, k: int) -> float:
    """Mean of the k smallest squared distances of a row to the kept rows."""
    distances = sorted(float(((row.astype(float) - other) ** 2).sum()) for other in kept)
    return sum(distances[:k]) / len(distances[:k])
