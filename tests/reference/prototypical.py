"""The loss of prototypes as loops in float64, straight from the paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def prototypical(rows: Array, labels: Array, shots: int, scale: float) -> tuple[float, float]:
    """The mean cost of the queries, and the share of them that is nearest to its own prototype."""
    support: dict[int, list[Array]] = {}
    queries = []
    for row, label in zip(rows.astype(float), labels.tolist(), strict=True):
        own = support.setdefault(label, [])
        if len(own) < shots:
            own.append(row)
        else:
            queries.append((row, label))
    costs, right = [], 0
    for row, label in queries:
        scores = {
            other: -scale * float(((row - np.mean(some, axis=0)) ** 2).sum())
            for other, some in support.items()
        }
        costs.append(math.log(sum(map(math.exp, scores.values()))) - scores[label])
        right += scores[label] == max(scores.values())
    return float(np.mean(costs)), right / len(queries)
