"""Objects in YOLO's maps as a student would find them: every class of every box is a row first."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Row = list[float]


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(x, np.float64)))


def rows_of_map(x: Array, sizes: Array, softmax: bool) -> list[Row]:
    """Rows (class + 1, score, x1, y1, x2, y2) of one item; sizes (A, 2) in parts of the image."""
    boxes, (height, width) = len(sizes), x.shape[1:]
    found = []
    table = x.reshape(boxes, -1, height, width).astype(np.float64)
    for j, i, a in product(range(height), range(width), range(boxes)):
        told = table[a, :, j, i]
        classes = _sigmoid(told[5:])
        if softmax:
            powers = np.exp(told[5:] - told[5:].max())
            classes = powers / powers.sum()
        x1, y1 = (i + _sigmoid(told[0])) / width, (j + _sigmoid(told[1])) / height
        w, h = np.exp(told[2:4]) * sizes[a] / 2
        box = [x1 - w, y1 - h, x1 + w, y1 + h]
        scores = _sigmoid(told[4]) * classes
        chosen = [int(np.argmax(scores))] if softmax else range(len(scores))
        found += [[c + 1, scores[c], *box] for c in chosen]
    return found


def _overlap(a: Row, b: Row) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    areas = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    return both / (areas - both)


def objects(rows: list[Row], threshold: float, limit: float) -> list[Row]:
    """Of the rows that score more, the best first, those that no better one overlaps too much."""
    kept: list[Row] = []
    for row in sorted((row for row in rows if row[1] > threshold), key=lambda row: -row[1]):
        if all(_overlap(row[2:], other[2:]) < limit for other in kept):
            kept.append(row)
    return kept
