"""A sample of labelled items with as many of each class as can be had."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.selection.label_lists import LabelLists
from mycaffe_py.data.selection.label_numbers import blocks, counted, least_type, numbered


def balanced_sample(
    labels: NDArray[np.int64], count: int, numbers: np.random.Generator
) -> NDArray[np.int64]:
    """At most `count` item numbers, sorted by label, then by number.

    Drawn in rounds, one item of each class that still has some, classes in random order; so the
    counts of two classes differ by one at most unless one of them has no more items.
    """
    classes, column = numbered(labels)
    order = np.arange(len(labels), dtype=least_type(len(labels)))
    numbers.shuffle(order)
    turn = numbers.permutation(len(classes))
    # In its order an item is in the round that counts those of its class before it.
    rounds = _rounds(counted(column, len(classes)), count)
    drawn: list[NDArray[np.int64]] = []
    keys: list[NDArray[np.int64]] = []
    before = np.zeros(len(classes), np.int64)
    for at in blocks(len(labels)):
        items = order[at].astype(np.int64)
        ours = LabelLists.of(column[items])
        own = before[ours.labels] + ours.rank
        before[: len(ours.counts)] += ours.counts
        early = own < rounds
        drawn.append(items[early])
        keys.append(own[early] * len(classes) + turn[ours.labels[early]])
    found = np.concatenate([order[:0].astype(np.int64), *drawn])
    first = np.argsort(np.concatenate([before[:0], *keys]))[:count]
    found = found[first]
    return found[np.lexsort((found, labels[found]))]


def _rounds(counts: NDArray[np.int64], count: int) -> int:
    """How many rounds it takes to draw `count` items, or all, from classes of `counts` items."""
    most = int(counts.max(initial=0))
    return bisect_left(range(most), count, key=lambda n: int(np.minimum(counts, n).sum()))
