"""How well a distance tells whether two items are of one label: AUC, EER, TAR at FAR.

A pair is accepted as like where its distance is at most a threshold. FAR is the share of unlike
pairs that are accepted, TAR the share of like pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mycaffe_py.random_streams import stream
from mycaffe_py.retrieve.distances import Metric
from mycaffe_py.retrieve.pair_counts import PairCounts, count_pairs
from mycaffe_py.retrieve.table import Searched
from mycaffe_py.retrieve.verification_interval import intervals
from mycaffe_py.solver.team import ALONE, Team

FAR_LEVELS = (1e-2, 1e-3)
# Items beyond which a sample is judged: 50 million pairs.
MOST_ITEMS = 10_000


@dataclass(frozen=True)
class Estimate:
    """A share of 1, and where the true one lies 95 times of 100; nan where nothing is measured."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class AtFar:
    """What is accepted where at most a share `far` of the unlike pairs may be.

    `threshold` is the largest distance of a like pair that is accepted; `reached` the share of
    unlike pairs up to it. Where not even the nearest like pair may be, tar and reached are 0 and
    the threshold is nan.
    """

    far: float
    tar: Estimate
    threshold: float
    reached: float


@dataclass(frozen=True)
class Verification:
    """Marks of `like_n` like and `unlike_n` unlike pairs of `items` queries.

    `auc` is the chance that a like pair is nearer than an unlike one, ties counting half; `eer`
    the rate at which as many like pairs are refused as unlike ones accepted, on straight lines
    between the points of the curve. `sampled`: not all items were taken, see verify.
    """

    auc: Estimate
    eer: Estimate
    at: tuple[AtFar, ...]
    like_n: int
    unlike_n: int
    items: int
    sampled: bool


def verify(
    table: Searched,
    metric: Metric = "squared",
    far_levels: tuple[float, ...] = FAR_LEVELS,
    seed: int = 0,
    team: Team = ALONE,
) -> Verification:
    """Judge all pairs of a query and a gallery row; among themselves, each pair once.

    Exact up to MOST_ITEMS queries and as many gallery rows; of more, so many are drawn at random.
    The intervals come from drawing the queries anew (verification_interval.py). All marks are nan
    without like or without unlike pairs. All processes of `team` have the table and share the work;
    the intervals are for the first one.

    Errors: a row with NaN or infinity; a FAR that is not between 0 and 1.
    """
    if not all(0 < far < 1 for far in far_levels):
        raise ValueError(f"false accept rates {far_levels} are not all between 0 and 1")
    some = _sample(table, seed)
    sampled = some is not table
    counts = count_pairs(some, metric, team)
    items = len(some.queries)
    if not counts.like_n or not counts.unlike_n:
        none = Estimate(math.nan, math.nan, math.nan)
        nowhere = tuple(AtFar(far, none, math.nan, math.nan) for far in far_levels)
        return Verification(none, none, nowhere, counts.like_n, counts.unlike_n, items, sampled)
    at = [_at_far(counts, far) for far in far_levels]
    values = np.array([_auc(counts), _equal_error(counts), *(one.tar.value for one in at)])
    low, high = intervals(some, metric, counts, values, far_levels, seed, team)
    auc, eer, *tars = (
        Estimate(*map(float, three)) for three in zip(values, low, high, strict=True)
    )
    levels = tuple(replace(one, tar=tar) for one, tar in zip(at, tars, strict=True))
    return Verification(auc, eer, levels, counts.like_n, counts.unlike_n, items, sampled)


def _sample(table: Searched, seed: int) -> Searched:
    if max(len(table.queries), len(table.gallery)) <= MOST_ITEMS:
        return table
    asked = _drawn(len(table.queries), seed, "queries")
    rows = asked if table.itself else _drawn(len(table.gallery), seed, "gallery")
    return Searched(
        table.queries[asked],
        table.query_labels[asked],
        table.gallery[rows],
        table.gallery_labels[rows],
        table.itself,
    )


def _drawn(count: int, seed: int, what: str) -> np.ndarray:
    order = stream(seed, f"retrieval/verification/{what}").permutation(count)
    return np.sort(order[:MOST_ITEMS])


def _auc(counts: PairCounts) -> float:
    farther = counts.unlike_n - counts.below - counts.tied / 2
    return float((counts.like * farther).sum() / counts.like_n / counts.unlike_n)


def _equal_error(counts: PairCounts) -> float:
    """Where the share of like pairs refused meets the share of unlike pairs accepted."""
    refused = 1 - counts.accepted
    place = int(np.argmax(counts.false_accepts >= refused))
    before = float(refused[place - 1]) if place else 1.0
    below = float(counts.below[place] / counts.unlike_n)
    if below >= before:
        # They meet between two like distances, where the share refused does not change.
        return before
    gap, behind = before - below, float(counts.false_accepts[place] - refused[place])
    return before + gap / (gap + behind) * (float(refused[place]) - before)


def _at_far(counts: PairCounts, far: float) -> AtFar:
    """TAR without its interval."""
    # 0.29 * 100 is 28.999...: whole numbers must not be lost to rounding.
    most = math.floor(far * counts.unlike_n + 1e-9)
    place = int(np.searchsorted(counts.below + counts.tied, most, side="right")) - 1
    if place < 0:
        return AtFar(far, Estimate(0.0, math.nan, math.nan), math.nan, 0.0)
    tar = Estimate(float(counts.accepted[place]), math.nan, math.nan)
    return AtFar(far, tar, float(counts.edges[place]), float(counts.false_accepts[place]))
