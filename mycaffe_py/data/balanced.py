"""Floor 2. A sample of labelled items with as many of each class as can be had."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def balanced_sample(
    labels: NDArray[np.int64], count: int, numbers: np.random.Generator
) -> NDArray[np.int64]:
    """At most `count` item numbers, sorted by label, then by number.

    Drawn in rounds, one item of each class that still has some, classes in random order; so the
    counts of two classes differ by one at most unless one of them has no more items.
    """
    order = numbers.permutation(len(labels))
    classes, column = np.unique(labels[order], return_inverse=True)
    by_class = np.argsort(column, kind="stable")
    starts = np.cumsum(np.bincount(column)) - np.bincount(column)
    rounds = np.empty(len(labels), np.int64)
    rounds[by_class] = np.arange(len(labels)) - starts[column[by_class]]
    turn = numbers.permutation(len(classes))[column]
    drawn = order[np.lexsort((turn, rounds))[:count]]
    return drawn[np.lexsort((drawn, labels[drawn]))]
