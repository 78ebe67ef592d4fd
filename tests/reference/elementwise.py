"""Curves from their textbook formulas, one number at a time, in Python floats."""

from __future__ import annotations

import math


def bnll(x: float) -> float:
    """log(1 + exp(x))."""
    return math.log1p(math.exp(x))


def clip(x: float, low: float, high: float) -> float:
    """x forced into low ... high."""
    return min(max(x, low), high)


def elu(x: float, alpha: float) -> float:
    """x above 0, else alpha * (exp(x) - 1)."""
    return x if x > 0 else alpha * (math.exp(x) - 1)


def swish(x: float, beta: float) -> float:
    """x * sigmoid(beta * x)."""
    return x / (1 + math.exp(-beta * x))


def prelu(x: float, slope: float) -> float:
    """x above 0, else slope * x."""
    return max(x, 0.0) + slope * min(x, 0.0)
