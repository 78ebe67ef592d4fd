"""How far an enrolled class reaches, whose examples are too few to measure it.

A threshold found on trained classes tells how far their own items spread. Of a class that is new to
the net it says nothing: training has drawn the trained ones together, and where it has done so to
the last digit, everything else would be unknown. So an enrolled class has a limit that knows the
open space between classes:

    limit = max(floor, gap / 16, spread)                 d(x, class) <= limit
    floor = sqrt(threshold * M),  not less than the threshold or M / 1000
    gap = distance of the class to the nearest trained class
    spread = the largest distance of one of its examples to the mean of the others, 0 with one
    and beyond the threshold:          d(x, class) <= d(x, nearest trained class) / 2

All are squared distances. M is the median distance of known items to the nearest class other than
their own, so the floor is the midpoint, in orders of magnitude, between items of one class and
items of different ones. A sixteenth is a quarter of the plain distance. The last line is the ratio
test of Lowe, 2004, which takes 0.8 of the plain distance where this takes 0.71: what lies hardly
nearer to the class than to another is in the space between them. With a half, no more windows of
faults that nobody enrolled are taken for known ones than by the threshold alone, and a tenth more
of the enrolled ones are recognised (tests/benchmarks/one_shot_telecom_enrolled.py).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

RATIO = 0.5
FORMULA = (
    "limit = max(floor, gap / 16, spread), gap: distance of the class to the nearest "
    "trained class, spread: largest distance of an example to the mean of the others; beyond the "
    "threshold also distance <= ratio * distance to the nearest trained class"
)
_OF_THE_GAP = 1 / 16
# Where the spread is less than this part of M, its size says nothing any more.
_LEAST = 1e-6
# Half of the items are within a hundredth of the plain distance between classes.
_SATURATED = 1e-4


def floor_between(threshold: float, left_out: NDArray[np.float64]) -> float:
    """The floor under the limits of enrolled classes; the threshold where M is not known.

    `left_out` (n,): distances of known items to the nearest class that is not their own.
    """
    if not len(left_out):
        return threshold
    apart = float(np.median(left_out))
    return max(threshold, math.sqrt(max(threshold, _LEAST * apart) * apart))


def saturated(known: NDArray[np.float64], left_out: NDArray[np.float64]) -> bool:
    """Whether the spread of the trained classes is as good as 0 against the distances between them.

    `known` (n,) and `left_out` (n,): distances to the nearest class, and to the nearest other one.
    """
    if not len(left_out):
        return False
    return bool(np.median(known) <= _SATURATED * np.median(left_out))


def enrolled_limit(
    floor: float, examples: NDArray[np.float32], trained: NDArray[np.float32]
) -> float:
    """How far the class of `examples` (n, D) reaches; `trained` (L, D): where others lie."""
    rows = examples.astype(np.float64)
    middle = rows.mean(axis=0)
    gap = float(((trained - middle) ** 2).sum(axis=1).min())
    # mean of the others - row = (mean of all - row) * n / (n - 1)
    apart = (middle - rows) * (len(rows) / max(len(rows) - 1, 1))
    spread = float((apart**2).sum(axis=1).max())
    return max(floor, gap * _OF_THE_GAP, spread)


def hardly_nearer(distance: float, other: float) -> bool:
    """Whether what lies at `distance` of a class is about as near to one at distance `other`."""
    return distance > RATIO * other
