"""How strange the course of a window is to a class: what the class would have foretold of it.

A class is known by windows x (n, T, F) of its training items, F counters over T steps. Each step is
foretold from the two before it, by least squares over those windows, and what is left is turned and
scaled so that it has spread 1 in all directions of the F counters:

    z_t = W' (x_t - A [x_t-1, x_t-2, 1])        t = 3 ... T

Of each window five numbers a counter are kept: mean of z, logarithm of its mean square and of its
largest size, its correlation with the step before, and the mean of x. The score is their squared
distance to the class's mean, by Mahalanobis, as `gaussian` in trained/strangeness.py takes it of
features. A relation between counters that holds in every known pattern has hardly any spread, so
that W makes much of a break in it, which a net may have learned to ignore.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.trained.whitening import LEAST, Rows, whitening

_BEFORE = 2
# Added to the spread of what is left, where that of the counters is 1 on average: a counter may be
# foretold to the last digit.
_FLOOR = 1e-4
# No number spreads less: one that is always the same in the class would outweigh all others.
_LEAST_DEVIATION = 1e-2
# In spreads: larger ones say no more.
_MOST = 50.0
# Under the logarithms, in spreads; and under the division.
_LEAST_SIZE = 1e-2
_LEAST_SQUARE = 1e-3

Windows = NDArray[np.uint8] | NDArray[np.float32] | NDArray[np.float64]


class Course:
    """The course that windows of a class take."""

    def __init__(self, windows: Windows) -> None:
        """Learn from `windows` (n, T, F). Errors: too few steps."""
        if windows.shape[1] < _BEFORE + 2:
            raise UserError(
                f"windows have {windows.shape[1]} steps",
                wanted=f"{_BEFORE + 2} or more: each is foretold from the {_BEFORE} before it",
            )
        counters = windows.shape[2]
        spreads = windows.reshape(-1, counters).var(axis=0, dtype=np.float64)
        self._unit = float(np.sqrt(max(spreads.mean(), LEAST)))
        own = windows.astype(np.float64) / self._unit
        given = _given(own)
        self._foretell = np.linalg.lstsq(
            given.reshape(-1, given.shape[2]), own[:, _BEFORE:].reshape(-1, counters)
        )[0]
        left = self._left(own).reshape(-1, counters)
        apart = left - left.mean(axis=0)
        spread = apart.T @ apart / len(apart) + _FLOOR * np.eye(counters)
        self._turn: Rows = np.linalg.cholesky(np.linalg.inv(spread))
        rows = self._numbers(own)
        self._mean = rows.mean(axis=0)
        self._deviation = np.maximum(rows.std(axis=0), _LEAST_DEVIATION)
        self._white = whitening((rows - self._mean) / self._deviation)

    def of(self, windows: Windows) -> Rows:
        """(n,): how strange each of `windows` (n, T, F) is to the class."""
        rows = self._numbers(windows.astype(np.float64) / self._unit)
        found: Rows = (self._white((rows - self._mean) / self._deviation) ** 2).sum(axis=1)
        return found

    def _left(self, windows: Rows) -> Rows:
        """(n, T - 2, F): what is not foretold."""
        found: Rows = windows[:, _BEFORE:] - _given(windows) @ self._foretell
        return found

    def _numbers(self, windows: Rows) -> Rows:
        """(n, 5 F)."""
        left = np.clip(self._left(windows) @ self._turn, -_MOST, _MOST)
        square = (left**2).mean(axis=1)
        parts = [
            left.mean(axis=1),
            np.log(square + _LEAST_SQUARE),
            np.log(np.abs(left).max(axis=1) + _LEAST_SIZE),
            (left[:, 1:] * left[:, :-1]).mean(axis=1) / (square + _LEAST_SQUARE),
            windows.mean(axis=1),
        ]
        return np.concatenate(parts, axis=1)


def _given(windows: Rows) -> Rows:
    """(n, T - 2, 2 F + 1): what each step is foretold from."""
    steps = windows.shape[1]
    before = [windows[:, _BEFORE - k : steps - k] for k in range(1, _BEFORE + 1)]
    return np.concatenate([*before, np.ones((len(windows), steps - _BEFORE, 1))], axis=2)
