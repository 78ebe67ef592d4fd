"""Data and Slice as one layer: the images of an item are written straight into their parts."""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.layers.base import NONE, BlobSpec, Layer, LayerContext, LayerIO, LayerPlan
from mycaffe_py.layers.data.data import Data, DataFacts


class DataSlice(Data):
    """Stands for Data and a Slice whose tops are rows of one stacked blob.

    The first top is that blob (k * N, C, H, W): the first images of all items, then the second
    ones, and so on. Its text is the Data layer's. It is given that layer's plan, because there the
    source is open already.
    """

    type = "Data+Slice"

    def __init__(self, plain: LayerPlan[DataFacts], parts: int) -> None:
        """`parts` (k) images an item."""
        self.plain = plain
        self.parts = parts

    def plan(self, ctx: LayerContext) -> LayerPlan[DataFacts]:
        """The Data layer's, with the stacked blob in place of the packed one."""
        packed, *rest = self.plain.tops
        count, channels, *size = packed.shape
        shape = (self.parts * count, channels // self.parts, *size)
        return replace(self.plain, tops=(replace(packed, shape=shape), *rest))

    def forward(self, io: LayerIO[DataFacts]) -> None:
        """Write the batch, seen as items of k images."""
        facts = io.facts
        stacked, *rest = io.tops
        by_part = stacked.reshape(self.parts, -1, *stacked.shape[1:])
        facts.feed.fill(io.run.fed, [by_part.swapaxes(0, 1), *rest])


class Pack(Layer):
    """Brings back the packed blob (N, k * C, H, W) from the stacked one, when somebody asks."""

    type = "Pack"
    bottom_count = NONE
    has_backward = False

    def __init__(self, packed: BlobSpec, parts: int) -> None:
        """`packed`: the blob to bring back; `parts` (k) images an item."""
        self.packed = packed
        self.parts = parts

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The packed blob."""
        return LayerPlan(tops=(self.packed,))

    def forward(self, io: LayerIO) -> None:
        """Copy image after image of each item."""
        x, y = io.bottoms[0], io.tops[0]
        by_part = x.reshape(self.parts, -1, *x.shape[1:])
        y[...] = by_part.swapaxes(0, 1).reshape(y.shape)
