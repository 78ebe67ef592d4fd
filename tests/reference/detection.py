"""Prior boxes, lengths and detections as a student would write them, in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Row = list[float]


def relu6(x: Array, slope: float = 0.0) -> Array:
    """The rectifier, 6 at most."""
    return np.minimum(np.maximum(x, 0) + slope * np.minimum(x, 0), 6)


def normalize(x: Array, scale: Array, across: bool, amounts: bool, eps: float) -> Array:
    """x (N, C, inner) over its lengths, times scale (C,) or (1,)."""
    axes = (1, 2) if across else 1
    sizes = np.abs(x) if amounts else x * x
    length = sizes.sum(axis=axes, keepdims=True) + eps
    return x / (length if amounts else np.sqrt(length)) * scale[:, None]


def prior_boxes(
    grid: tuple[int, int],
    image: tuple[int, int],
    sizes: list[tuple[float, float]],
    step: tuple[float, float],
    offset: float = 0.5,
) -> Array:
    """Boxes (H * W * A, 4) in parts of the image; sizes are widths and heights in pixels."""
    boxes = []
    for row in range(grid[0]):
        for column in range(grid[1]):
            y, x = (row + offset) * step[0], (column + offset) * step[1]
            for width, height in sizes:
                box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
                boxes.append([v / s for v, s in zip(box, (image[1], image[0]) * 2, strict=True)])
    return np.array(boxes)


def decoded(told: Row, prior: Row, variance: Row, code: str) -> Row:
    """The box that `told` tells."""
    n = [v * t for v, t in zip(variance, told, strict=True)]
    if code == "CORNER":
        return [p + k for p, k in zip(prior, n, strict=True)]
    width, height = prior[2] - prior[0], prior[3] - prior[1]
    if code == "CORNER_SIZE":
        sides = (width, height) * 2
        return [p + k * side for p, k, side in zip(prior, n, sides, strict=True)]
    x = (prior[0] + prior[2]) / 2 + n[0] * width
    y = (prior[1] + prior[3]) / 2 + n[1] * height
    w, h = width * math.exp(n[2]), height * math.exp(n[3])
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def shared(a: Row, b: Row) -> float:
    """What two boxes have in common, by what they have together."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (_area(a) + _area(b) - both)


def _area(box: Row) -> float:
    if box[2] < box[0] or box[3] < box[1]:
        return 0.0
    return (box[2] - box[0]) * (box[3] - box[1])


def suppressed(boxes: list[Row], overlap: float, eta: float = 1.0) -> list[int]:
    """Numbers of the boxes, best first, that stay."""
    kept: list[int] = []
    for j, box in enumerate(boxes):
        if all(shared(box, boxes[k]) <= overlap for k in kept):
            kept.append(j)
            if eta < 1 and overlap > 0.5:
                overlap *= eta
    return kept


def detections(
    told: Array,
    scores: Array,
    priors: Array,
    variances: Array,
    *,
    code: str = "CORNER",
    background: int = 0,
    threshold: float = -math.inf,
    top_k: int = -1,
    keep_top_k: int = -1,
    overlap: float = 0.3,
    eta: float = 1.0,
) -> list[Row]:
    """Rows (item, class, score, box); told (N, P, L, 4), scores (N, P, K), the others (P, 4)."""
    rows: list[Row] = []
    for item in range(len(told)):
        found: list[Row] = []
        for c in range(scores.shape[2]):
            if c == background:
                continue
            places = [p for p in range(scores.shape[1]) if scores[item, p, c] > threshold]
            places.sort(key=lambda p: -scores[item, p, c])
            places = places[:top_k] if top_k > -1 else places
            mine = c if told.shape[2] > 1 else 0
            boxes = [
                decoded(list(told[item, p, mine]), list(priors[p]), list(variances[p]), code)
                for p in places
            ]
            for k in suppressed(boxes, overlap, eta):
                found.append([item, c, scores[item, places[k], c], *boxes[k]])
        if -1 < keep_top_k < len(found):
            best = sorted(range(len(found)), key=lambda k: -found[k][2])[:keep_top_k]
            found = [found[k] for k in sorted(best)]
        rows += found
    return rows or [[item, *[-1.0] * 6] for item in range(len(told))]
