"""What a ranking in random order would reach, exactly."""

from __future__ import annotations

import numpy as np

from mycaffe_py.retrieve.distances import Numbers
from mycaffe_py.retrieve.ranking import MARK_NAMES, RECALL_AT, Ranking


def chance_marks(ranking: Ranking) -> Numbers:
    """Expected marks (8,) in random order, the mean over the queries that can find something.

    With R right ones among M, p = R/M and q = (R - 1)/(M - 1): recall@k = 1 - C(M-R, k)/C(M, k),
    R-precision = p; the i-th place is right with chance p and then has the expected precision
    (1 + (i - 1) q)/i, which summed over i <= R or M and divided by R gives MAP@R and mAP.
    """
    right = ranking.right[ranking.right > 0]
    if not len(right):
        return np.full(len(MARK_NAMES), np.nan)
    counts, weights = np.unique(right, return_counts=True)
    rows = np.stack([_expected(int(count), ranking.candidates) for count in counts])
    found: Numbers = (rows * weights[:, np.newaxis]).sum(axis=0) / weights.sum()
    return found


def _expected(right: int, among: int) -> Numbers:
    places = np.arange(1, among + 1)
    # Chance that none of the first i is right.
    wrong = np.maximum(among - right - places + 1, 0) / (among - places + 1)
    none = np.cumprod(wrong)
    recall = [1 - none[min(k, among) - 1] for k in RECALL_AT]
    share = right / among
    again = (right - 1) / (among - 1) if among > 1 else 0.0
    precision = share * (1 + (places - 1) * again) / places
    first = np.concatenate([[1.0], none[:-1]]) - none
    reciprocal = (first / places).sum()
    return np.array(
        [*recall, share, precision[:right].sum() / right, precision.sum() / right, reciprocal]
    )
