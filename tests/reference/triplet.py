"""Triplet losses as loops in float64, straight from the papers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Form:
    """Options of a triplet's cost."""

    squared: bool = True
    lossless: bool = False
    margin: float = 1.1
    epsilon: float = 1e-8

    def distance(self, x: Array, y: Array) -> float:
        """Between two rows."""
        total = float(((x.astype(float) - y.astype(float)) ** 2).sum())
        return total if self.squared else math.sqrt(total)

    def cost(self, a: Array, p: Array, n: Array) -> float:
        """Of one triplet."""
        near, far = self.distance(a, p), self.distance(a, n)
        if not self.lossless:
            return max(near - far + self.margin, 0.0)
        beta = float(len(a)) if self.squared else math.sqrt(len(a))
        return -math.log(-near / beta + 1 + self.epsilon) - math.log(
            -(beta - far) / beta + 1 + self.epsilon
        )


def rows(a: Array, p: Array, n: Array, form: Form) -> float:
    """Given triplets: sum over 2N, lossless over N."""
    total = sum(form.cost(*triplet) for triplet in zip(a, p, n, strict=True))
    return total / len(a) / (1 if form.lossless else 2)


def _anchors(labels: Array) -> Iterator[tuple[int, list[int], list[int]]]:
    for i, label in enumerate(labels):
        others = [j for j in range(len(labels)) if j != i]
        same = [j for j in others if labels[j] == label]
        yield i, same, [j for j in others if labels[j] != label]


def batch_all(x: Array, labels: Array, form: Form) -> float:
    """Mean over the triplets that cost something."""
    costs = [
        form.cost(x[i], x[p], x[n])
        for i, positives, negatives in _anchors(labels)
        for p in positives
        for n in negatives
    ]
    paid = [cost for cost in costs if cost > 0]
    return sum(paid) / max(1, len(paid))


def batch_hard(x: Array, labels: Array, form: Form) -> float:
    """Mean over anchors that have a positive and a negative."""
    costs = []
    for i, positives, negatives in _anchors(labels):
        if positives and negatives:
            p = max(positives, key=lambda j: form.distance(x[i], x[j]))
            n = min(negatives, key=lambda j: form.distance(x[i], x[j]))
            costs.append(form.cost(x[i], x[p], x[n]))
    return sum(costs) / max(1, len(costs))


def batch_semihard(x: Array, labels: Array, form: Form) -> float:
    """Mean over pairs of a label in batches that have a negative."""
    costs = []
    for i, positives, negatives in _anchors(labels):
        far = {j: form.distance(x[i], x[j]) for j in negatives}
        for p in positives if negatives else ():
            beyond = [j for j in negatives if far[j] > form.distance(x[i], x[p])]
            n = min(beyond, key=far.__getitem__) if beyond else max(far, key=far.__getitem__)
            costs.append(form.cost(x[i], x[p], x[n]))
    return sum(costs) / max(1, len(costs))


SEARCHES = {
    "BATCH_ALL": batch_all,
    "BATCH_HARD": batch_hard,
    "BATCH_SEMIHARD": batch_semihard,
}
