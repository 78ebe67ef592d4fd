"""How well distances tell "the same" from "different": ROC, equal error rate, thresholds.

What lies at a distance d <= threshold is accepted as the same. Of the same, those beyond are false
alarms; of the different, those within are misses. Scores that are larger for the more alike go in
with their sign turned.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Of the normal distribution, for intervals that hold the true rate 95 times of 100.
_Z95 = 1.959964


@dataclass(frozen=True)
class Roc:
    """The curve, one point for each threshold (m,), which rise from -inf (nothing is accepted).

    `false_alarms` and `misses` (m,) are shares of `same_n` and `different_n` items. `auc` is the
    chance that a pair of the same lies closer than a pair of different ones, ties counting half.
    `eer` is the rate at which both errors are equal, on straight lines between the points, and
    `eer_threshold` the first threshold with no fewer misses than false alarms. All are nan, and
    the curve is empty, where there are no items of one kind.
    """

    thresholds: Numbers
    false_alarms: Numbers
    misses: Numbers
    auc: float
    eer: float
    eer_threshold: float
    same_n: int
    different_n: int


def roc(same: NDArray[np.floating], different: NDArray[np.floating]) -> Roc:
    """The curve of the distances `same` (n,) and `different` (k,). Fawcett, 2006.

    Errors: ValueError for distances that are not numbers.
    """
    near = np.sort(same.astype(np.float64).reshape(-1))
    far = np.sort(different.astype(np.float64).reshape(-1))
    if np.isnan(near).any() or np.isnan(far).any():
        raise ValueError("a distance is not a number")
    if not len(near) or not len(far):
        none = np.empty(0)
        return Roc(none, none, none, math.nan, math.nan, math.nan, len(near), len(far))
    distances = np.unique(np.concatenate([near, far]))
    accepted = np.searchsorted(near, distances, side="right") / len(near)
    false_alarms = np.concatenate([[1.0], 1 - accepted])
    misses = np.concatenate([[0.0], np.searchsorted(far, distances, side="right") / len(far)])
    thresholds = np.concatenate([[-math.inf], distances])
    # Trapezia under share of the same accepted, over share of the different accepted.
    auc = float((np.diff(misses) * (1 - (false_alarms[1:] + false_alarms[:-1]) / 2)).sum())
    eer, place = _equal_error(false_alarms, misses)
    where = float(thresholds[place])
    return Roc(thresholds, false_alarms, misses, auc, eer, where, len(near), len(far))


def _equal_error(false_alarms: Numbers, misses: Numbers) -> tuple[float, int]:
    """The rate where the curve crosses equality, and the first point at or after it."""
    gap = misses - false_alarms
    place = int(np.argmax(gap >= 0))
    before, after = -gap[place - 1], gap[place]
    share = before / (before + after)
    step = false_alarms[place] - false_alarms[place - 1]
    return float(false_alarms[place - 1] + share * step), place


def threshold_for(same: NDArray[np.floating], rate: float) -> float:
    """The smallest distance of `same` (n,) beyond which at most a share `rate` < 1 of them lies."""
    distances = np.sort(same.astype(np.float64).reshape(-1))
    # 0.29 * 100 is 28.999...: whole numbers must not be lost to rounding.
    beyond = math.floor(rate * len(distances) + 1e-9)
    return float(distances[len(distances) - 1 - beyond])


@dataclass(frozen=True)
class Share:
    """`count` of `n` items."""

    count: int
    n: int

    @property
    def rate(self) -> float:
        """count / n; nan without items."""
        return self.count / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true rate lies, 95 times of 100 (Wilson, 1927); (nan, nan) without items."""
        if not self.n:
            return math.nan, math.nan
        z2 = _Z95 * _Z95 / self.n
        middle = (self.rate + z2 / 2) / (1 + z2)
        spread = math.sqrt(z2 * (self.rate * (1 - self.rate) + z2 / 4)) / (1 + z2)
        return max(0.0, middle - spread), min(1.0, middle + spread)
