"""Boxes on a page, (n, 4) as x, y, width, height in pixels: how far they overlap, and the best."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Boxes: TypeAlias = NDArray[np.float64]

# Of two boxes with more in common the nearer one stays.
MOST_SHARED = 0.3


def shared(box: Boxes, boxes: Boxes) -> NDArray[np.float64]:
    """IoU (n,) of one box (4,) with each of `boxes` (n, 4): area in common / area of both."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[:2] + box[2:], boxes[:, :2] + boxes[:, 2:])
    common: NDArray[np.float64] = np.clip(high - low, 0, None).prod(axis=1)
    together = box[2] * box[3] + boxes[:, 2] * boxes[:, 3] - common
    parts = np.zeros(len(boxes))
    np.divide(common, together, out=parts, where=together > 0)
    return parts


def best_apart(
    boxes: Boxes, distances: NDArray[np.float64], most: int, limit: float = MOST_SHARED
) -> NDArray[np.int64]:
    """Numbers of at most `most` boxes, the nearest first, no two with an IoU above `limit`.

    Of equal distances the lower number comes first. Known as non-maximum suppression.
    """
    order = np.argsort(distances, kind="stable")
    free = np.ones(len(boxes), dtype=np.bool_)
    kept: list[int] = []
    for number in order.tolist():
        if len(kept) == most:
            break
        if free[number]:
            kept.append(number)
            free &= shared(boxes[number], boxes) <= limit
    return np.array(kept, dtype=np.int64)
