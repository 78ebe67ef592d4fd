"""CenterLoss and the angular margin as a student would write them, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def center_loss(x: Array, labels: Array, centers: Array) -> float:
    """Half the mean squared distance of the rows to their centres."""
    pairs = zip(x, labels, strict=True)
    return float(np.mean([np.sum((row - centers[k]) ** 2) for row, k in pairs]) / 2)


def center_moves(x: Array, labels: Array, centers: Array) -> Array:
    """What is taken from each centre at a rate of 1."""
    moves = np.zeros_like(centers)
    for j, center in enumerate(centers):
        own = x[labels == j]
        moves[j] = (center - own).sum(axis=0) / (1 + len(own))
    return moves


def psi(theta: float, margin: int) -> float:
    """cos(margin theta), which keeps falling up to theta = pi."""
    k = min(int(margin * theta / np.pi), margin - 1)
    return float((-1) ** k * np.cos(margin * theta) - 2 * k)


def margin_scores(x: Array, w: Array, labels: Array, margin: int, plain: float) -> Array:
    """(M, L) scores; rows of w have any length."""
    unit = w / np.linalg.norm(w, axis=1, keepdims=True)
    y = x @ unit.T
    for m, label in enumerate(labels):
        length = np.linalg.norm(x[m])
        theta = np.arccos(np.clip(y[m, label] / length, -1, 1))
        y[m, label] = (length * psi(theta, margin) + plain * y[m, label]) / (1 + plain)
    return np.asarray(y)
