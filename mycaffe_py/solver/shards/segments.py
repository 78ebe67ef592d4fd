"""Which part of the flat parameters each process updates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import Array

# The update works on pieces of so many values, whoever makes it: so the vectors and the remainders
# of its loops lie at the same places for any number of processes, and bits cannot depend on it.
PIECE = 16_384


@dataclass(frozen=True)
class Segments:
    """Process q owns the values from bounds[q] to bounds[q + 1], whole pieces of them."""

    bounds: tuple[int, ...]

    @staticmethod
    def of(size: int, ranks: int) -> Segments:
        """Segments of `size` values, about equal."""
        pieces = -(-size // PIECE)
        return Segments(tuple(min(size, pieces * q // ranks * PIECE) for q in range(ranks + 1)))

    def __getitem__(self, rank: int) -> slice:
        return slice(self.bounds[rank], self.bounds[rank + 1])

    def pieces(self, rank: int, start: Array, count: Array) -> tuple[Array, Array, Array]:
        """Starts and counts of the parts of runs (start, count) in the pieces of this process.

        And the number of the run that each part is of.
        """
        low, high = self.bounds[rank], self.bounds[rank + 1]
        runs = np.column_stack([start, start + count]).tolist()
        found = [
            (max(begin, cut), min(stop, cut + PIECE), number)
            for number, (begin, stop) in enumerate(runs)
            for cut in range(begin // PIECE * PIECE, stop, PIECE)
            if low <= cut < high
        ]
        first, end, number = np.array(found, np.int64).reshape(-1, 3).T.copy()
        return first, end - first, number
