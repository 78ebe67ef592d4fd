"""Hinge, infogain and sigmoid losses as a student would write them, in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def hinge(x: Array, labels: Array, power: int) -> float:
    """Sum of the gaps to the margin of 1, to the given power."""
    total = 0.0
    for row, label in zip(x, labels, strict=True):
        for c, score in enumerate(row):
            side = 1 if c == label else -1
            total += max(0.0, 1 - side * float(score)) ** power
    return total


def infogain(x: Array, labels: Array, counted: Array, h: Array) -> float:
    """-sum of h[label, c] log softmax(x)_c of x (outer, C, inner) over the counted places."""
    total = 0.0
    for n, i in np.argwhere(counted):
        scores = x[n, :, i].astype(float)
        for c, score in enumerate(scores):
            log_p = score - math.log(np.exp(scores).sum())
            total -= float(h[int(labels[n, i]), c]) * max(log_p, math.log(1e-20))
    return total


def sigmoid_cross_entropy(x: Array, target: Array, counted: Array) -> float:
    """-sum of t log s + (1 - t) log (1 - s), s the sigmoid of x; for x where both logs exist."""
    total = 0.0
    for score, t, here in zip(x, target, counted, strict=True):
        if here:
            s = 1 / (1 + math.exp(-float(score)))
            total -= float(t) * math.log(s) + (1 - float(t)) * math.log(1 - s)
    return total
