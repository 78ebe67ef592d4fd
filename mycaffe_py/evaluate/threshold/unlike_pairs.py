"""The threshold at a false accept rate: how many unlike pairs of item and class it may let in.

    threshold = the largest distance of a known item to its class at which at most the wished share
                of the unlike pairs is as near

An unlike pair is an item with a class that is not its own. Items of classes never trained count
with every class.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.threshold.roc import Share

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class FalseAccepts:
    """A share `wished` of the unlike pairs may be accepted; `found` of them are."""

    wished: float
    found: Share

    @property
    def too_few(self) -> bool:
        """Whether there are too few pairs to show such a rate."""
        return self.found.n * self.wished < 1


def check_far(far: float) -> None:
    """Errors: no share between 0 and 1."""
    if not 0 < far < 1:
        raise UserError(
            f"--far is {far:g}",
            wanted="a share of the unlike pairs: more than 0 and less than 1, 0.001 for 0.1 %",
        )


def like_and_unlike(
    distances: Numbers, classes: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[Numbers, Numbers]:
    """The distances of items to their own class, and to all others.

    `distances` (n, L) are those of items with these `labels` (n,) to `classes` (L,).
    """
    own = labels[:, np.newaxis] == classes
    return distances[own], distances[~own]


def threshold_at(far: float, like: Numbers, unlike: Numbers) -> float:
    """The threshold for a false accept rate `far` of `unlike` (k,).

    Where not even the nearest of `like` (m,) may be accepted, it lies just below what may not.

    Errors: no unlike pair.
    """
    if not len(unlike):
        raise UserError(
            "there is no unlike pair",
            wanted="a false accept rate is of items with a class that is not theirs",
            do="Name items of several classes with --source, or use --false-alarms.",
        )
    order = np.sort(unlike)
    # 0.29 * 100 is 28.999...: whole numbers must not be lost to rounding.
    first_refused = float(order[math.floor(far * len(order) + 1e-9)])
    near = like[like < first_refused]
    if len(near):
        return float(near.max())
    return max(0.0, float(np.nextafter(first_refused, -math.inf)))
