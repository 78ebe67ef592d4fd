"""A feed that fills one shard of a batch at a time, with the rows that the whole batch has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import Shape
from mycaffe_py.data.batch_feed import BatchFeed, WrappedFeed
from mycaffe_py.data.feed import Feed
from mycaffe_py.data.shards.cut import Cut


class CutFeed(WrappedFeed):
    """Wraps a feed of whole batches; numbers are those of `cut` (Cut.number).

    Shard s of S has rows s N / S to (s + 1) N / S of the N of its batch, so that what a batch holds
    does not depend on S. Of a data set only these rows are read. Any other feed makes the whole
    batch, once for all shards of this process.
    """

    def __init__(self, feed: BatchFeed, cut: Cut) -> None:
        super().__init__(feed)
        self.cut = cut
        self._whole: tuple[int, list[NDArray[Any]]] | None = None

    @property
    def shapes(self) -> list[Shape]:
        """Shape of each top."""
        return [self._part(shape) for shape in self.feed.shapes]

    @property
    def quick(self) -> bool:
        """Whether a batch is made so fast that it had better not be made ahead."""
        return self.feed.quick

    def shapes_of(self, number: int) -> list[Shape]:
        """Shape of each top in this shard."""
        return [self._part(shape) for shape in self.feed.shapes_of(number // self.cut.count)]

    def fill(self, number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write one shard into `tops`."""
        batch, place = divmod(number, self.cut.count)
        shard = self.cut.first + place
        count = len(tops[0])
        rows = slice(shard * count, (shard + 1) * count)
        if isinstance(self.feed, Feed):
            self.feed.fill(batch, tops, rows)
            return
        for top, whole in zip(tops, self._made(batch, tops), strict=True):
            np.copyto(top, whole[rows].reshape(top.shape))

    def _made(self, batch: int, like: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """The arrays of the whole batch."""
        if self._whole is None or self._whole[0] != batch:
            shapes = self.feed.shapes_of(batch)
            made = [np.empty(s, top.dtype) for s, top in zip(shapes, like, strict=True)]
            self.feed.fill(batch, made)
            self._whole = (batch, made)
        return self._whole[1]

    def _part(self, shape: Shape) -> Shape:
        return (shape[0] // self.cut.shards, *shape[1:])
