"""Activations from their textbook formulas, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def relu(x: Array, slope: float = 0.0) -> Array:
    """x above 0, slope * x below."""
    return np.where(x > 0, x, slope * x)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def dropout(x: Array, kept: Array, ratio: float) -> Array:
    """x / (1 - ratio) where kept, else 0."""
    return np.where(kept, x / (1 - ratio), 0.0)
