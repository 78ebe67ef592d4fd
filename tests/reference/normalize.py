"""Normalisation layers in plain numpy, float64, as their papers write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def batch_norm(x: Array, eps: float) -> Array:
    """Every channel (axis 1) to mean 0 and deviation 1."""
    wide = x.astype(float)
    axes = tuple(axis for axis in range(x.ndim) if axis != 1)
    mean = wide.mean(axis=axes, keepdims=True)
    variance = ((wide - mean) ** 2).mean(axis=axes, keepdims=True)
    return (wide - mean) / np.sqrt(variance + eps)


def mvn(rows: Array, eps: float, divides: bool) -> Array:
    """Every row to mean 0, and by its deviation plus eps."""
    away = rows.astype(float) - rows.astype(float).mean(axis=1, keepdims=True)
    deviation = np.sqrt((away**2).mean(axis=1, keepdims=True))
    return away / (deviation + eps) if divides else away


def lrn_across(x: Array, size: int, alpha: float, beta: float, k: float) -> Array:
    """Loop over all places of (N, C, H, W); windows reach over channels."""
    y = np.zeros(x.shape)
    for n, c, h, w in np.ndindex(x.shape):
        window = x[n, max(0, c - size // 2) : c + size // 2 + 1, h, w].astype(float)
        y[n, c, h, w] = x[n, c, h, w] / (k + alpha / size * (window**2).sum()) ** beta
    return y


def lrn_within(x: Array, size: int, alpha: float, beta: float) -> Array:
    """Loop over all places of (N, C, H, W); windows reach over pixels."""
    y = np.zeros(x.shape)
    half = size // 2
    for n, c, h, w in np.ndindex(x.shape):
        rows = slice(max(0, h - half), h + half + 1)
        columns = slice(max(0, w - half), w + half + 1)
        squares = (x[n, c, rows, columns].astype(float) ** 2).sum()
        y[n, c, h, w] = x[n, c, h, w] / (1 + alpha / size**2 * squares) ** beta
    return y
