"""Hard pairs: items of one class that lie far apart, and items of two classes that lie close.

A Siamese net is trained on pairs, so these, and not single items, show what it has not learned.
All n (n - 1) / 2 pairs are looked at, in blocks of bounded size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]

# Distances of one block, 16 MB in float64: some such arrays are alive at a time.
_BLOCK = 2 << 20


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of rows `a` < `b` (k,), the hardest first, and their Euclidean `distances` (k,)."""

    a: Rows
    b: Rows
    distances: Numbers


@dataclass(frozen=True, eq=False)
class HardPairs:
    """The `farthest` pairs of one label, the `nearest` of two, and how many pairs there are.

    `violating` counts the pairs of two labels that are nearer than `margin`, a Euclidean distance;
    with a margin of nan nothing is counted.
    """

    farthest: Pairs
    nearest: Pairs
    same_n: int
    different_n: int
    violating: int
    margin: float

    @property
    def violating_share(self) -> float:
        """violating / different_n; nan without pairs or without a margin."""
        measured = self.different_n and not math.isnan(self.margin)
        return self.violating / self.different_n if measured else math.nan


def hard_pairs(
    features: NDArray[np.floating], labels: Rows, margin: float = math.nan, most: int = 100
) -> HardPairs:
    """The `most` hardest pairs of either kind among items of `features` (n, D), `labels` (n,).

    Equally hard pairs: those of lower rows come first.
    Errors: features that are not finite.
    """
    if not np.isfinite(features).all():
        raise UserError("the features are not finite", do="Take an earlier snapshot.")
    order = np.argsort(labels, kind="stable")
    sought = _Sought(features.astype(np.float64)[order], labels[order], margin, most)
    count = max(1, min(len(order), _BLOCK // max(1, len(order))))
    for first in range(0, len(order), count):
        sought.look(first, min(first + count, len(order)))
    counts = np.unique(labels, return_counts=True)[1].astype(object)
    same_n = int(sum(n * (n - 1) // 2 for n in counts))
    every = len(order) * (len(order) - 1) // 2
    return HardPairs(
        sought.far.pairs(features, order), sought.near.pairs(features, order),
        same_n, every - same_n, sought.violating, margin,
    )  # fmt: skip


class _Sought:
    """What was found so far among rows sorted by label, about their mean."""

    def __init__(self, features: Numbers, labels: Rows, margin: float, most: int) -> None:
        # Large numbers that all rows share would cost the differences their digits.
        self.rows = features - features.mean(axis=0) if len(features) else features
        self.squares = (self.rows * self.rows).sum(axis=1)
        self.labels = labels
        self.limit = margin * margin
        self.violating = 0
        self.far, self.near = _Kept(most, -1.0), _Kept(most, 1.0)

    def look(self, first: int, end: int) -> None:
        """At all pairs of the rows first ... end - 1 with themselves and the rows behind them."""
        # Behind the last row of its label there are other labels alone.
        edge = int(np.searchsorted(self.labels, self.labels[end - 1], side="right"))
        mixed = self._distances(first, end, first, edge)
        behind = np.arange(first, edge) > np.arange(first, end)[:, np.newaxis]
        same = self.labels[first:end, np.newaxis] == self.labels[first:edge]
        self.far.take(np.where(behind & same, mixed, -math.inf), first, first)
        self._different(np.where(behind & ~same, mixed, math.inf), first, first)
        if edge < len(self.labels):
            self._different(self._distances(first, end, edge, len(self.labels)), first, edge)

    def _different(self, squares: Numbers, first: int, column: int) -> None:
        self.violating += int((squares < self.limit).sum())
        self.near.take(squares, first, column)

    def _distances(self, first: int, end: int, left: int, right: int) -> Numbers:
        """Squared distances (end - first, right - left)."""
        found: Numbers = self.rows[first:end] @ self.rows[left:right].T
        found *= -2
        found += self.squares[first:end, np.newaxis]
        found += self.squares[left:right]
        found[found < 0] = 0
        return found


class _Kept:
    """The `most` pairs with the smallest `sign` times squared distance."""

    def __init__(self, most: int, sign: float) -> None:
        self.most, self.sign = most, sign
        self.values = np.empty(0)
        self.a = self.b = np.empty(0, np.int64)

    def take(self, squares: Numbers, first: int, column: int) -> None:
        """A block whose rows begin at `first` and columns at `column`; infinite: no pair."""
        worst = self.values.max() if len(self.values) >= self.most else math.inf
        signed = squares if self.sign > 0 else -squares
        places = np.flatnonzero(signed < worst)
        if not len(places) or not self.most:
            return
        some = signed.reshape(-1)[places]
        if len(some) > self.most:
            chosen = np.argpartition(some, self.most - 1)[: self.most]
            places, some = places[chosen], some[chosen]
        rows, columns = np.divmod(places, squares.shape[1])
        values = np.concatenate([self.values, some])
        a, b = np.concatenate([self.a, rows + first]), np.concatenate([self.b, columns + column])
        best = np.lexsort((b, a, values))[: self.most]
        self.values, self.a, self.b = values[best], a[best], b[best]

    def pairs(self, features: NDArray[np.floating], order: Rows) -> Pairs:
        """The pairs by the rows of the caller, their distances from the very differences."""
        ends = np.sort(np.stack([order[self.a], order[self.b]]), axis=0)
        gaps = features[ends[0]].astype(np.float64) - features[ends[1]].astype(np.float64)
        distances = np.sqrt((gaps * gaps).sum(axis=1))
        best = np.lexsort((ends[1], ends[0], self.sign * distances))
        return Pairs(ends[0][best], ends[1][best], distances[best])
