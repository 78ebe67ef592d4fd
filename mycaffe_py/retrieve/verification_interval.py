"""Intervals of verification marks, by drawing the items anew.

Pairs share items, so they are not independent, and drawing pairs would promise too narrow an
interval. Items are drawn instead, with replacement (Efron, 1979), each with all its pairs: for
every item its like and unlike pairs are counted in bins of distance, and a draw adds up the counts
of the items drawn. The marks of a draw are read off the curve through the edges of the bins; what
counts is how far they lie from those of all items, read off the same way.
"""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.retrieval.counts import count_in_bins
from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.random_streams import stream
from mycaffe_py.retrieve.distances import Metric, Numbers, Rows, distances
from mycaffe_py.retrieve.pair_counts import PairCounts
from mycaffe_py.retrieve.table import Searched
from mycaffe_py.solver.team import ALONE, Team

_RESAMPLES = 400
_RESAMPLES_TOGETHER = 50
# Edges at shares of the like pairs, and at shares of the unlike ones, dense where they are few.
_LIKE_SHARES = np.linspace(0, 1, 24)
_UNLIKE_SHARES = np.logspace(-5, 0, 32)
_PAIRS = 1 << 22


def intervals(
    table: Searched,
    metric: Metric,
    counts: PairCounts,
    values: Numbers,
    far_levels: tuple[float, ...],
    seed: int,
    team: Team = ALONE,
) -> tuple[Numbers, Numbers]:
    """low, high (m,) around `values` (m,): AUC, EER, and TAR at each of `far_levels`.

    All processes of `team` have the table and the counts; the first one gets what comes out, the
    others NaN.
    """
    like, unlike = _item_counts(table, metric, _edges(counts, far_levels), team)
    if team.rank > 0:
        return np.full(len(values), np.nan), np.full(len(values), np.nan)
    drawn = _drawn_marks(like, unlike, far_levels, seed)
    whole = _curve_marks(like.sum(axis=0), unlike.sum(axis=0), far_levels)
    # Among themselves a pair stands in the counts of both its items, and drawing one of them moves
    # it half way: the deviation counts double.
    factor = 2 if table.itself else 1
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    if not len(drawn):
        return np.full(len(values), np.nan), np.full(len(values), np.nan)
    low, high = np.quantile(factor * (drawn - whole), [0.025, 0.975], axis=0)
    return np.clip(values + low, 0, 1), np.clip(values + high, 0, 1)


def _edges(counts: PairCounts, far_levels: tuple[float, ...]) -> Numbers:
    by_like = np.searchsorted(counts.accepted, _LIKE_SHARES)
    shares = np.concatenate([_UNLIKE_SHARES, far_levels])
    by_unlike = np.searchsorted(counts.false_accepts, shares, side="right") - 1
    places = np.concatenate([by_like, by_unlike])
    return np.unique(counts.edges[np.clip(places, 0, len(counts.edges) - 1)])


def _item_counts(
    table: Searched, metric: Metric, edges: Numbers, team: Team
) -> tuple[Numbers, Numbers]:
    """Like and unlike pairs (Q, E + 1) of each query in each bin, as float64."""
    own: Rows = table.own_rows
    step = max(1, _PAIRS // len(table.gallery))

    def counted(start: int) -> tuple[Rows, Rows]:
        some = slice(start, start + step)
        found = distances(table.queries[some], table.gallery, metric)
        labels = table.query_labels[some]
        like = np.empty((len(found), len(edges) + 1), np.int64)
        unlike = np.empty_like(like)
        count_in_bins(found, labels, table.gallery_labels, own[some], edges, like, unlike)
        return like, unlike

    made = list(dealt(team, range(0, len(table.queries), step), counted))
    none = np.empty((0, len(edges) + 1), np.int64)
    like, unlike = (
        np.concatenate([none, *(parts[kind] for parts in made)]).astype(np.float64)
        for kind in (0, 1)
    )
    return like, unlike


def _drawn_marks(
    like: Numbers, unlike: Numbers, far_levels: tuple[float, ...], seed: int
) -> Numbers:
    """Marks (400, m) of the draws."""
    random = stream(seed, "retrieval/verification/bootstrap")
    count = len(like)
    marks = []
    for _ in range(_RESAMPLES // _RESAMPLES_TOGETHER):
        drawn = [random.integers(0, count, count) for _ in range(_RESAMPLES_TOGETHER)]
        times = np.stack([np.bincount(items, minlength=count) for items in drawn])
        # Whole numbers, so that the order in which a BLAS adds them up does not matter.
        near, far = times.astype(np.float64) @ like, times.astype(np.float64) @ unlike
        marks += [_curve_marks(a, b, far_levels) for a, b in zip(near, far, strict=True)]
    return np.stack(marks)


def _curve_marks(like: Numbers, unlike: Numbers, far_levels: tuple[float, ...]) -> Numbers:
    """AUC, EER and TAR at FAR (m,) of counts (E + 1,), on straight lines between the edges."""
    if not like.sum() or not unlike.sum():
        return np.full(2 + len(far_levels), np.nan)
    tar = np.concatenate([[0.0], np.cumsum(like) / like.sum()])
    far = np.concatenate([[0.0], np.cumsum(unlike) / unlike.sum()])
    auc = (np.diff(far) * (tar[1:] + tar[:-1]) / 2).sum()
    gap = far - (1 - tar)
    place = int(np.argmax(gap >= 0))
    share = gap[place - 1] / (gap[place - 1] - gap[place])
    eer = far[place - 1] + share * (far[place] - far[place - 1])
    # Of several points at one rate the highest is meant.
    last = np.flatnonzero(np.append(np.diff(far) > 0, True))
    return np.array([auc, eer, *np.interp(far_levels, far[last], tar[last])])
