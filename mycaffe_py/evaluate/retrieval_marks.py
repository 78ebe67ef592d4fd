"""How well the nearest neighbours of items are of their own class."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def recall_at(
    k: int,
    likeness: NDArray[np.float64],
    labels: NDArray[np.int64],
    gallery_labels: NDArray[np.int64],
) -> float:
    """For which share of the queries one of the `k` most alike items is of the query's class.

    `likeness` (Q, G) says how alike each query is to each item of the gallery, larger for more;
    of equals the earlier item comes first. `labels` (Q,) are those of the queries,
    `gallery_labels` (G,) those of the gallery. NaN without queries.
    """
    if not len(labels):
        return math.nan
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :k]
    right = gallery_labels[nearest] == labels[:, np.newaxis]
    return float(right.any(axis=1).mean())
