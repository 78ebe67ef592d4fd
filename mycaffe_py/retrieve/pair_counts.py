"""Like and unlike pairs of a table, counted exactly without keeping the unlike ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.retrieval.counts import count_below
from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.retrieve.distances import Metric, Numbers, Rows, distances
from mycaffe_py.retrieve.table import Searched
from mycaffe_py.solver.team import ALONE, Team

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


def count_pairs(table: Searched, metric: Metric = "squared", team: Team = ALONE) -> PairCounts:
    """All pairs of a query and a gallery row; among themselves, each pair once.

    All processes of `team` have the table, count some of the pairs, and get the counts of all.
    """
    step = max(1, _PAIRS // max(1, len(table.gallery)))
    starts = range(0, len(table.queries), step)

    def near(start: int) -> Numbers:
        return _pairs(table, metric, start, step, like=True)

    edges, like = team.tell(_in_order(list(dealt(team, starts, near))))[0]
    below, tied = np.zeros(len(edges), np.int64), np.zeros(len(edges), np.int64)

    def far(start: int) -> int:
        values = np.sort(_pairs(table, metric, start, step, like=False))
        count_below(values, edges, below, tied)
        return len(values)

    unlike = sum(dealt(team, starts, far))
    # Each process has counted its own pairs; whole numbers have one sum.
    said = team.tell((below, tied, unlike))
    below, tied, unlike = (sum(parts) for parts in zip(*said, strict=True))
    return PairCounts(edges, like, below, tied, unlike)


def _in_order(near: list[Numbers]) -> tuple[Numbers, Rows]:
    """The different distances, rising, and how often each occurs."""
    edges, counts = np.unique(np.concatenate([np.empty(0), *near]), return_counts=True)
    return edges, counts.astype(np.int64)


def _pairs(table: Searched, metric: Metric, start: int, step: int, *, like: bool) -> Numbers:
    """Distances (n,) of `step` queries from `start` on, those of the kind asked for."""
    # Among themselves, row q has met the rows before it.
    first = start if table.itself else 0
    found = distances(table.queries[start : start + step], table.gallery[first:], metric)
    same = table.query_labels[start : start + step, np.newaxis] == table.gallery_labels[first:]
    chosen = same if like else ~same
    pairs: Numbers = found[np.triu(chosen, k=1) if table.itself else chosen]
    return pairs
