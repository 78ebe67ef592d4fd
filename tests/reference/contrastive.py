"""Contrastive loss as loops in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def contrastive(
    a: Array,
    b: Array,
    similar: Array,
    margin: float,
    *,
    legacy: bool = False,
    manhattan: bool = False,
    scale: float = 1.0,
) -> tuple[float, list[float]]:
    """Loss of a batch, and the match flag of each pair."""
    total = 0.0
    match = []
    for row_a, row_b, same in zip(a.astype(float), b.astype(float), similar, strict=True):
        difference = row_a - row_b
        distance = float(np.abs(difference).sum() if manhattan else (difference**2).sum())
        if same:
            distance *= scale
        linear = legacy or manhattan
        gap = margin - (distance if linear else math.sqrt(distance))
        if same:
            total += distance
            match.append(1.0 if gap >= 0 else 0.0)
        else:
            total += max(gap, 0.0) if linear else max(gap, 0.0) ** 2
            match.append(1.0 if gap < 0 else 0.0)
    return total / (2 * len(a)), match


def soft_contrastive(
    a: Array,
    b: Array,
    share: Array,
    margin: float,
    *,
    legacy: bool = False,
    manhattan: bool = False,
    scale: float = 1.0,
) -> float:
    """Loss of a batch of pairs that are similar in part: both costs, each by its share."""
    total = 0.0
    for row in range(len(a)):
        one = a[row : row + 1], b[row : row + 1]
        options = {"legacy": legacy, "manhattan": manhattan, "scale": scale}
        alike, _ = contrastive(*one, np.ones(1), margin, **options)
        other, _ = contrastive(*one, np.zeros(1), margin, **options)
        total += share[row] * alike + (1 - share[row]) * other
    return total / len(a)
