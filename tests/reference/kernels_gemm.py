"""The matrix product as a student writes it: float64, one element at a time where it matters."""

from __future__ import annotations

import numpy as np


def product(
    a: np.ndarray,
    b: np.ndarray,
    c: np.ndarray,
    *,
    transpose_a: bool,
    transpose_b: bool,
    alpha: float,
    accumulate: bool,
) -> np.ndarray:
    """alpha op(a) op(b) (+ c) in float64; op(a) (M, K), op(b) (K, N), c (M, N)."""
    left = a.astype(np.float64)
    right = b.astype(np.float64)
    left = left.T if transpose_a else left
    right = right.T if transpose_b else right
    total = alpha * np.einsum("mk,kn->mn", left, right)
    return total + c.astype(np.float64) if accumulate else total
