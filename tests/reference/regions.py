"""What is pooled of regions, by the definitions: cell after cell, in float64."""

from __future__ import annotations

from itertools import product
from math import ceil, floor
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def nearest(value: float) -> int:
    """Halves away from 0."""
    return floor(abs(value) + 0.5) * (1 if value > 0 else -1)


def greatest(x: Array, regions: Array, tall: int, wide: int, scale: float) -> Array:
    """ROIPooling: (R, C, tall, wide)."""
    y = np.zeros((len(regions), x.shape[1], tall, wide))
    for r, region in enumerate(regions):
        x1, y1, x2, y2 = (nearest(v * scale) for v in region[1:])
        high, broad = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
        for i, j in product(range(tall), range(wide)):
            top, left = y1 + floor(i * high / tall), x1 + floor(j * broad / wide)
            end, right = y1 + ceil((i + 1) * high / tall), x1 + ceil((j + 1) * broad / wide)
            part = x[int(region[0]), :, max(top, 0) : max(end, 0), max(left, 0) : max(right, 0)]
            if part.size:
                y[r, :, i, j] = part.max(axis=(1, 2))
    return y


def averages(x: Array, regions: Array, dim: int, group: int, scale: float) -> Array:
    """PSROIPooling: (R, dim, group, group)."""
    y = np.zeros((len(regions), dim, group, group))
    for r, region in enumerate(regions):
        x1, y1 = (nearest(v) * scale for v in region[1:3])
        x2, y2 = ((nearest(v) + 1) * scale for v in region[3:])
        high, broad = max(y2 - y1, 0.1) / group, max(x2 - x1, 0.1) / group
        for k, i, j in product(range(dim), range(group), range(group)):
            rows = slice(max(floor(y1 + i * high), 0), max(ceil(y1 + (i + 1) * high), 0))
            columns = slice(max(floor(x1 + j * broad), 0), max(ceil(x1 + (j + 1) * broad), 0))
            part = x[int(region[0]), (k * group + i) * group + j, rows, columns]
            y[r, k, i, j] = part.mean() if part.size else 0
    return y


def anchors(base: int, ratios: list[float], scales: list[float]) -> Array:
    """(A, 4): ratio after ratio, in each scale after scale."""
    found = []
    for ratio in ratios:
        width = floor((base * base / ratio) ** 0.5 + 0.5)
        height = floor(width * ratio + 0.5)
        for scale in scales:
            w, h, middle = width * scale, height * scale, (base - 1) / 2
            found.append([middle - (w - 1) / 2, middle - (h - 1) / 2])
            found[-1] += [middle + (w - 1) / 2, middle + (h - 1) / 2]
    return np.array(found)


def overlap(a: Array, b: Array) -> float:
    """Both by either, of boxes whose corners belong to them."""
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    both = max(width, 0) * max(height, 0)
    areas = [(c[2] - c[0] + 1) * (c[3] - c[1] + 1) for c in (a, b)]
    return float(both / (sum(areas) - both))


def proposals(
    scores: Array, moves: Array, info: Array, cell: Array, stride: int,
    least: float, most: tuple[int, int], limit: float,
) -> list[tuple[float, Array]]:  # fmt: skip
    """(score, box) of one item: scores (2 A, H, W), moves (4 A, H, W), anchors `cell` (A, 4)."""
    found = []
    for y, x, a in product(range(scores.shape[1]), range(scores.shape[2]), range(len(cell))):
        box = cell[a] + np.array([x, y, x, y]) * stride
        size = box[2:] - box[:2] + 1
        dx, dy, dw, dh = moves[4 * a : 4 * a + 4, y, x]
        middle = box[:2] + size / 2 + np.array([dx, dy]) * size
        half = np.exp([dw, dh]) * size / 2
        edge = np.array([info[1] - 1, info[0] - 1] * 2)
        box = np.clip(np.concatenate([middle - half, middle + half]), 0, edge)
        if (box[2:] - box[:2] + 1 >= least).all():
            found.append((float(scores[len(cell) + a, y, x]), box))
    found = sorted(found, key=lambda entry: -entry[0])[: most[0]]
    kept: list[tuple[float, Array]] = []
    for score, box in found:
        if all(overlap(box, other) <= limit for _, other in kept):
            kept.append((score, box))
    return kept[: most[1]]
