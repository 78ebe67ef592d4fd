"""How well each query finds the other items of its label."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.kernels.retrieval.ranks import right_ranks
from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.retrieve.distances import Metric, Numbers, Rows, distances
from mycaffe_py.retrieve.table import Searched
from mycaffe_py.solver.team import ALONE, Team

RECALL_AT = (1, 2, 4, 8)
MARK_NAMES = (*(f"recall@{k}" for k in RECALL_AT), "R-precision", "MAP@R", "mAP", "MRR")

# Distances that are kept at a time.
_TOGETHER_BYTES = 64 << 20
_LEAST_QUERIES = 16


@dataclass(frozen=True)
class Ranking:
    """What came out for each query: `marks` (Q, 8) in the order of MARK_NAMES.

    With R other items of a query's label in the gallery (`right` (Q,)), ranked by distance, ties
    by row, the query itself excluded by its row number:
    recall@k = 1 if one of the first k is right, else 0;
    R-precision = share of right ones among the first R;
    MAP@R = 1/R sum over i <= R of P(i) rel(i), mAP = 1/R sum over all i of P(i) rel(i), P(i) being
    the share of right ones among the first i, rel(i) whether the i-th is right;
    MRR = 1 / rank of the first right one.
    Where R is 0 nothing can be found: nan. `labels` (Q,) are the queries', `candidates` is how many
    rows each was compared with.

    Source: Musgrave, Belongie, Lim: A Metric Learning Reality Check, 2020 (R-precision, MAP@R).
    """

    marks: Numbers
    right: Rows
    labels: Rows
    candidates: int

    def worst(self, count: int) -> Rows:
        """The `count` queries that fared worst: by R-precision, MAP@R, then row."""
        measured = np.flatnonzero(self.right > 0)
        columns = [MARK_NAMES.index(name) for name in ("MAP@R", "R-precision")]
        keys = self.marks[measured][:, columns].T
        return measured[np.lexsort(tuple(keys))][:count]


def rank(table: Searched, metric: Metric = "squared", team: Team = ALONE) -> Ranking:
    """Rank the whole gallery for every query. Errors: a row with NaN or infinity.

    All processes of `team` have the table and rank some of the queries; the first one gets the
    marks, the others NaN.
    """
    count, size = len(table.queries), len(table.gallery)
    marks = np.full((count, len(MARK_NAMES)), math.nan)
    right = np.zeros(count, np.int64)
    own, parts = table.own_rows, list(_by_label(table))

    def marked(number: int) -> tuple[Numbers, Rows]:
        queries, members = parts[number]
        ranks, found = _ranks(table, queries, members, own[queries], metric)
        some = found > 0
        made = np.full((len(queries), len(MARK_NAMES)), math.nan)
        made[some] = _marks(ranks[some], found[some])
        return made, found

    for number, made in enumerate(dealt(team, range(len(parts)), marked)):
        queries, _ = parts[number]
        marks[queries], right[queries] = made
    return Ranking(marks, right, table.query_labels, size - int(table.itself))


def _by_label(table: Searched) -> Iterator[tuple[Rows, Rows]]:
    """Some queries of one label, and the gallery rows of that label."""
    together = max(_LEAST_QUERIES, _TOGETHER_BYTES // (8 * max(1, len(table.gallery))))
    order = np.argsort(table.gallery_labels, kind="stable")
    sorted_labels = table.gallery_labels[order]
    for label in np.unique(table.query_labels):
        first, last = np.searchsorted(sorted_labels, [label, label + 1])
        queries = np.flatnonzero(table.query_labels == label)
        if last > first:
            for start in range(0, len(queries), together):
                yield queries[start : start + together], order[first:last]


def _ranks(
    table: Searched, queries: Rows, members: Rows, own: Rows, metric: Metric
) -> tuple[Rows, Rows]:
    """Ranks (q, R) of the right ones for each query, and how many there are (q,).

    The place of the query itself, which is last, means nothing.
    """
    found = distances(table.queries[queries], table.gallery, metric)
    right = found[:, members]
    right[members == own[:, np.newaxis]] = np.inf
    order = np.argsort(right, axis=1, kind="stable")
    ranks = np.empty(right.shape, np.int64)
    right_ranks(found, np.take_along_axis(right, order, axis=1), members[order], own, ranks)
    return ranks, np.full(len(queries), right.shape[1], np.int64) - (own >= 0)


def _marks(ranks: Rows, right: Rows) -> Numbers:
    """Marks (q, 8) from the ranks (q, R) of which the first `right` (q,) >= 1 count."""
    number = np.arange(1, ranks.shape[1] + 1)
    counts = number <= right[:, np.newaxis]
    within = counts & (ranks <= right[:, np.newaxis])
    precision = np.where(counts, number / np.maximum(ranks, 1), 0.0)
    first = ranks[:, 0]
    columns: list[NDArray[np.floating] | NDArray[np.bool_]] = [first <= k for k in RECALL_AT]
    columns += [
        within.sum(axis=1) / right,
        (precision * within).sum(axis=1) / right,
        precision.sum(axis=1) / right,
        1 / first,
    ]
    return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)
