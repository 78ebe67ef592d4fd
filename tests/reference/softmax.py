"""Softmax, its cross entropy and accuracy as a student would write them, in float64."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def softmax(x: Array, axis: int) -> Array:
    """exp(x) / sum exp(x) over `axis`."""
    e = np.exp(x.astype(float) - x.astype(float).max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def cross_entropy(
    x: Array, labels: Array, axis: int, mode: str, ignored: Collection[int] = ()
) -> float:
    """-log softmax at the label, summed and divided as `mode` says."""
    moved = np.moveaxis(softmax(x, axis), axis, -1)
    outer = math.prod(x.shape[:axis])
    rows = moved.reshape(-1, moved.shape[-1])
    flat = labels.reshape(-1)
    total = 0.0
    valid = 0
    for row, label in zip(rows, flat, strict=True):
        if int(label) in ignored:
            continue
        valid += 1
        total -= math.log(row[int(label)])
    divisor = {"FULL": len(flat), "VALID": valid, "BATCH_SIZE": outer, "NONE": 1}[mode]
    return total / max(1, divisor)


def accuracy(
    x: Array, labels: Array, axis: int, top_k: int = 1, ignored: Collection[int] = ()
) -> tuple[float, list[float]]:
    """Overall and per-class accuracy; another class with an equal score counts against."""
    rows = np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])
    hits = [0] * x.shape[axis]
    seen = [0] * x.shape[axis]
    for row, value in zip(rows, labels.reshape(-1), strict=True):
        label = int(value)
        if label in ignored:
            continue
        others = [score for k, score in enumerate(row) if k != label]
        better = sum(1 for score in others if score >= row[label])
        seen[label] += 1
        hits[label] += better < top_k
    overall = sum(hits) / sum(seen) if sum(seen) else 0.0
    return overall, [h / s if s else 0.0 for h, s in zip(hits, seen, strict=True)]
