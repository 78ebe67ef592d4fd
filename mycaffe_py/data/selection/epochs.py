"""The order in which the items of a list are read, round after round, for any batch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.random_streams import stream


class Epochs:
    """Places 0 ... count - 1 in order, or in a new random order each time round.

    `skip` places are left out of the first round. Pure: the order of a round depends on seed,
    purpose and its number alone.
    """

    def __init__(
        self, count: int, seed: int, purpose: str, shuffle: bool = False, skip: int = 0
    ) -> None:
        self.count = count
        self.seed = seed
        self.purpose = purpose
        self.shuffle = shuffle
        self.skip = skip
        # A batch may reach over the end of a round.
        self._order = lru_cache(maxsize=2)(self._make_order)

    def batch(self, number: int, size: int) -> NDArray[np.int64]:
        """The places (size,) of batch `number`."""
        items = self.skip + np.arange(number * size, (number + 1) * size, dtype=np.int64)
        epochs, places = np.divmod(items, self.count)
        if not self.shuffle:
            return places
        drawn = np.empty_like(places)
        for epoch in np.unique(epochs).tolist():
            rows = epochs == epoch
            drawn[rows] = self._order(epoch)[places[rows]]
        return drawn

    def _make_order(self, epoch: int) -> NDArray[np.int64]:
        numbers = stream(self.seed, f"epochs/{self.purpose}", epoch)
        return numbers.permutation(self.count).astype(np.int64)


def random_skip(limit: int, seed: int, purpose: str) -> int:
    """How many records `rand_skip: limit` passes over: 0 ... limit - 1."""
    return int(stream(seed, f"rand_skip/{purpose}").integers(limit)) if limit else 0
