"""Turning and scaling of rows by their own spread: plain distances then are Mahalanobis'."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]

# Of the covariance a tenth is replaced by an equal spread in all directions.
_EVEN = 0.1
# Under the spread of rows that are all alike.
LEAST = 1e-12


def whitening(own: Rows) -> Callable[[Rows], Rows]:
    """What moves and turns rows (n, D) so that those of `own` lie about 0 and spread by 1."""
    mean, width = own.mean(axis=0), own.shape[1]
    apart = own - mean
    spread = apart.T @ apart / len(own)
    even = max(float(np.trace(spread)) / width, LEAST)
    whole = (1 - _EVEN) * spread + _EVEN * even * np.eye(width)
    turn = np.linalg.cholesky(np.linalg.inv(whole))
    return lambda more: (more - mean) @ turn
