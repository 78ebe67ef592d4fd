"""Labelled experiments: two images, and whether they are of one class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import RowNumbers
from mycaffe_py.random_streams import stream


@dataclass(frozen=True)
class Experiments:
    """Row numbers (n,) each: an image, another of its class, one of another class.

    Each is two pairs, one of each kind, or one triplet: heads of either kind see the same images.
    """

    anchor: RowNumbers
    positive: RowNumbers
    negative: RowNumbers

    def __len__(self) -> int:
        return len(self.anchor)

    def pairs(
        self, chosen: RowNumbers | slice = slice(None)
    ) -> tuple[RowNumbers, RowNumbers, NDArray[np.float32]]:
        """First and second image and `same` of (2m,) pairs: same, different, same, ..."""
        first = np.repeat(self.anchor[chosen], 2)
        second = np.column_stack([self.positive[chosen], self.negative[chosen]]).reshape(-1)
        return first, second, np.tile(np.array([1, 0], np.float32), len(first) // 2)


def draw(
    labels: NDArray[np.int64], rows: RowNumbers, count: int, seed: int, what: str
) -> Experiments:
    """`count` experiments among `rows`, each class as often as any other on both sides.

    `labels` are those of all rows of the table; each class among `rows` has two rows or more.
    """
    numbers = stream(seed, f"designs/pairs/{what}")
    order = rows[np.argsort(labels[rows], kind="stable")]
    sizes = np.unique(labels[order], return_counts=True)[1]
    starts = np.cumsum(sizes) - sizes
    kinds = np.arange(count) % len(sizes)
    anchor = numbers.integers(sizes[kinds])
    # Any but the anchor itself: the place behind it, counted round.
    step = numbers.integers(1, sizes[kinds])
    positive = (anchor + step) % sizes[kinds]
    others = (kinds + numbers.integers(1, len(sizes), count)) % len(sizes)
    negative = numbers.integers(sizes[others])
    shuffled = numbers.permutation(count)
    places = [starts[kinds] + anchor, starts[kinds] + positive, starts[others] + negative]
    return Experiments(*(order[place][shuffled] for place in places))
