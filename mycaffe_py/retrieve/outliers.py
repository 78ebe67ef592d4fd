"""Rows that lie far from the others of their label."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.retrieve.distances import Metric, Numbers, Rows
from mycaffe_py.retrieve.nearest import nearest

NEIGHBOURS = 5


@dataclass(frozen=True)
class Outliers:
    """How far each row (N,) lies from its label.

    `distances` is the mean to its k nearest of the label, `medians` that of the label's middle row,
    `ratios` the one over the other: 1 for an ordinary row. nan for the only row of a label.
    `order` (m,) are the rows that can be judged, the largest ratio first, ties by row.
    """

    distances: Numbers
    medians: Numbers
    ratios: Numbers
    order: Rows


def outliers(
    rows: NDArray[Any], labels: Rows, k: int = NEIGHBOURS, metric: Metric = "squared"
) -> Outliers:
    """Judge `rows` (N, D) by the others of their label (N,).

    A label with fewer than k other rows uses those it has. Where the median is 0, a row at distance
    0 is ordinary (ratio 1) and any other is infinitely far.

    Errors: k < 1, a row with NaN or infinity.
    """
    if labels.shape != (len(rows),):
        raise ValueError(f"labels of shape {labels.shape} for {len(rows)} rows")
    means, medians = np.full(len(rows), math.nan), np.full(len(rows), math.nan)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) < 2:
            continue
        mine = rows[members]
        found = nearest(mine, mine, min(k, len(members) - 1), metric, skip=np.arange(len(mine)))
        means[members] = found.distances.mean(axis=1)
        medians[members] = np.median(means[members])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where((medians == 0) & (means == 0), 1.0, means / medians)
    judged = np.flatnonzero(~np.isnan(ratios))
    order = judged[np.argsort(-ratios[judged], kind="stable")]
    return Outliers(means, medians, ratios, order)
