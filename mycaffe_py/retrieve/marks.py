"""The marks of a ranking over all queries: means, intervals, chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.random_streams import stream
from mycaffe_py.retrieve.chance import chance_marks
from mycaffe_py.retrieve.distances import Numbers
from mycaffe_py.retrieve.ranking import MARK_NAMES, Ranking

_RESAMPLES = 1000


@dataclass(frozen=True)
class Mark:
    """One mark, 0 to 1, higher is better; nan where no query could find anything.

    `micro` is the mean over queries, `macro` the mean over the means of the labels; `low` to `high`
    holds the true micro mean 95 times of 100; `chance` is what a random order reaches (micro).
    """

    name: str
    micro: float
    macro: float
    low: float
    high: float
    chance: float


@dataclass(frozen=True)
class Marks:
    """All marks of `n` queries of `classes` labels, in the order of MARK_NAMES.

    `left_out` queries have no other item of their label in the gallery and do not count.
    """

    marks: tuple[Mark, ...]
    n: int
    left_out: int
    classes: int

    def __getitem__(self, name: str) -> Mark:
        return next(mark for mark in self.marks if mark.name == name)


def summarize(ranking: Ranking, seed: int = 0) -> Marks:
    """Means over the queries of a ranking; the interval by bootstrap over the queries."""
    measured = ranking.right > 0
    each, labels = ranking.marks[measured], ranking.labels[measured]
    classes, number = np.unique(labels, return_inverse=True)
    n = len(each)
    if not n:
        nothing = tuple(Mark(name, *[math.nan] * 5) for name in MARK_NAMES)
        return Marks(nothing, 0, len(measured), 0)
    low, high = bootstrap_interval(each, seed)
    micro = each.mean(axis=0)
    macro = _means_of_classes(each, number, len(classes)).mean(axis=0)
    columns = zip(MARK_NAMES, micro, macro, low, high, chance_marks(ranking), strict=True)
    marks = tuple(Mark(name, *map(float, values)) for name, *values in columns)
    return Marks(marks, n, len(measured) - n, len(classes))


def bootstrap_interval(each: Numbers, seed: int = 0) -> tuple[Numbers, Numbers]:
    """Where the means of `each` (n, m), n >= 1, lie 95 times of 100: low (m,), high (m,).

    The items are drawn anew, with replacement, 1000 times (Efron, 1979).
    """
    random = stream(seed, "retrieval/bootstrap")
    n = len(each)
    means = np.empty((_RESAMPLES, each.shape[1]))
    for number in range(_RESAMPLES):
        means[number] = each[random.integers(0, n, n)].mean(axis=0)
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return low, high


def _means_of_classes(each: Numbers, number: np.ndarray, classes: int) -> Numbers:
    """Means (classes, m) of the rows of each class."""
    sizes = np.bincount(number, minlength=classes)
    sums = [np.bincount(number, column, minlength=classes) for column in each.T]
    found: Numbers = np.stack(sums, axis=1) / sizes[:, np.newaxis]
    return found
