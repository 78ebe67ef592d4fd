"""k-means, to see whether the labels are the clusters of the features."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.random_streams import stream
from mycaffe_py.retrieve.agreement import (
    adjusted_mutual_information,
    normalized_mutual_information,
)
from mycaffe_py.retrieve.distances import Numbers, Rows, distances
from mycaffe_py.retrieve.nearest import nearest
from mycaffe_py.solver.team import ALONE, Team

_STARTS = 3
_MOST_ROUNDS = 100


@dataclass(frozen=True)
class Clusters:
    """Cluster (N,) of each row, centres (k, D), and the sum of squared distances to them."""

    numbers: Rows
    centres: Numbers
    inertia: float


_NO_CLUSTERS = Clusters(np.empty(0, np.int64), np.empty((0, 0)), math.nan)


@dataclass(frozen=True)
class Agreement:
    """NMI and AMI of labels with `k` clusters of `n` rows."""

    nmi: float
    ami: float
    k: int
    n: int


def label_agreement(
    rows: NDArray[Any], labels: Rows, seed: int = 0, team: Team = ALONE
) -> Agreement:
    """Cluster `rows` (N, D) by k-means, k being the number of labels, and compare with labels.

    All processes of `team` have the rows; each takes some of the starts, and the first one gets
    what came out, the others NaN.
    """
    k = len(np.unique(labels))
    numbers = _best(rows, k, seed, team).numbers if k else labels
    if team.rank > 0:
        return Agreement(math.nan, math.nan, k, len(rows))
    nmi = normalized_mutual_information(labels, numbers)
    return Agreement(nmi, adjusted_mutual_information(labels, numbers), k, len(rows))


def k_means(rows: NDArray[Any], k: int, seed: int = 0) -> Clusters:
    """The best of three starts of Lloyd's rounds, from centres chosen as k-means++ does.

    Same seed, same bits, on any number of threads. Arthur, Vassilvitskii, 2007.

    Errors: fewer than k rows; a row with NaN or infinity.
    """
    return _best(rows, k, seed, ALONE)


def _best(rows: NDArray[Any], k: int, seed: int, team: Team) -> Clusters:
    """As `k_means`; only the first process gets the clusters."""
    if not 1 <= k <= len(rows):
        raise ValueError(f"{k} clusters of {len(rows)} rows")
    points = np.asarray(rows, dtype=np.float64)

    def begun(number: int) -> Clusters:
        return _rounds(points, _start(points, k, seed, number))

    found = list(dealt(team, range(_STARTS), begun))
    return min(found, key=lambda clusters: clusters.inertia, default=_NO_CLUSTERS)


def _start(points: Numbers, k: int, seed: int, number: int) -> Numbers:
    """Rows (k, D), each drawn with a chance as its squared distance to the nearest before."""
    random = stream(seed, "retrieval/k_means", number)
    chosen = [int(random.integers(len(points)))]
    closest = np.full(len(points), np.inf)
    while len(chosen) < k:
        closest = np.minimum(closest, distances(points[chosen[-1:]], points)[0])
        heap = np.cumsum(closest)
        place = int(np.searchsorted(heap, random.random() * heap[-1], side="right"))
        chosen.append(min(place, len(points) - 1))
    return points[chosen]


def _rounds(points: Numbers, centres: Numbers) -> Clusters:
    """Lloyd's rounds until no row changes its cluster."""
    before = np.full(len(points), -1, np.int64)
    for _ in range(_MOST_ROUNDS):
        found = nearest(points, centres, 1)
        numbers, gaps = found.rows[:, 0], found.distances[:, 0]
        if np.array_equal(numbers, before):
            break
        centres, before = _means(points, numbers, gaps, centres), numbers
    return Clusters(numbers, centres, float(gaps.sum()))


def _means(points: Numbers, numbers: Rows, gaps: Numbers, centres: Numbers) -> Numbers:
    """Means of the clusters; an empty one moves to one of the rows farthest from their centres."""
    k = len(centres)
    sizes = np.bincount(numbers, minlength=k)
    sums = np.stack([np.bincount(numbers, column, minlength=k) for column in points.T], axis=1)
    found: Numbers = sums / np.maximum(sizes, 1)[:, np.newaxis]
    empty = np.flatnonzero(sizes == 0)
    farthest = np.argsort(-gaps, kind="stable")[: len(empty)]
    found[empty] = points[farthest]
    return found
