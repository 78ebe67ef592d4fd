"""Like and unlike pairs of a table, counted exactly without keeping the unlike ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.kernels.retrieval.counts import count_below
from mycaffe_py.retrieve.distances import Metric, Numbers, Rows, distances
from mycaffe_py.retrieve.table import Searched

# Pairs that are sorted together.
_PAIRS = 1 << 22


@dataclass(frozen=True)
class PairCounts:
    """The distances of all like pairs, and how many unlike ones lie below each.

    `edges` (m,) are the different distances of like pairs, rising; `like` (m,) of them are at each;
    `below` (m,) unlike pairs are nearer, `tied` (m,) exactly as far. `unlike_n` unlike in all.
    """

    edges: Numbers
    like: Rows
    below: Rows
    tied: Rows
    unlike_n: int

    @property
    def like_n(self) -> int:
        """Like pairs in all."""
        return int(self.like.sum())

    @property
    def accepted(self) -> Numbers:
        """Share (m,) of the like pairs up to each edge."""
        shares: Numbers = np.cumsum(self.like) / self.like_n
        return shares

    @property
    def false_accepts(self) -> Numbers:
        """Share (m,) of the unlike pairs up to each edge."""
        shares: Numbers = (self.below + self.tied) / self.unlike_n
        return shares


def count_pairs(table: Searched, metric: Metric = "squared") -> PairCounts:
    """All pairs of a query and a gallery row; among themselves, each pair once."""
    near = [found[same] for found, same in _pairs(table, metric, like=True)]
    edges, like = np.unique(np.concatenate([np.empty(0), *near]), return_counts=True)
    below, tied = np.zeros(len(edges), np.int64), np.zeros(len(edges), np.int64)
    unlike = 0
    for found, other in _pairs(table, metric, like=False):
        values = np.sort(found[other])
        unlike += len(values)
        count_below(values, edges, below, tied)
    return PairCounts(edges, like.astype(np.int64), below, tied, unlike)


def _pairs(
    table: Searched, metric: Metric, *, like: bool
) -> Iterator[tuple[Numbers, NDArray[np.bool_]]]:
    """Distances (q, n) of some queries, and which of them are pairs of the kind asked for."""
    step = max(1, _PAIRS // max(1, len(table.gallery)))
    for start in range(0, len(table.queries), step):
        # Among themselves, row q has met the rows before it.
        first = start if table.itself else 0
        found = distances(table.queries[start : start + step], table.gallery[first:], metric)
        same = table.query_labels[start : start + step, np.newaxis] == table.gallery_labels[first:]
        chosen = same if like else ~same
        yield found, np.triu(chosen, k=1) if table.itself else chosen
