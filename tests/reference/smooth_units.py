"""Smooth activations and row norms, value by value in float64, as their papers write them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def silu(x: float) -> float:
    """x times sigmoid."""
    return x / (1 + math.exp(-x))


def mish(x: float) -> float:
    """x tanh(log(1 + e^x))."""
    return x * math.tanh(math.log(1 + math.exp(x)))


def gelu(x: float) -> float:
    """x times the normal distribution function."""
    return x * (1 + math.erf(x / math.sqrt(2))) / 2


def gelu_by_tanh(x: float) -> float:
    """The approximation in the paper's section 2."""
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def layer_norm(row: Array, eps: float) -> Array:
    """One row, flat."""
    values = row.astype(float)
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    return np.array([(v - mean) / math.sqrt(variance + eps) for v in values])


def unit(row: Array, norm: str) -> Array:
    """One row, flat, of L1 or L2 length 1."""
    values = row.astype(float)
    length = sum(map(abs, values)) if norm == "L1" else math.sqrt(sum(v * v for v in values))
    return np.array([v / length if length else v for v in values])
