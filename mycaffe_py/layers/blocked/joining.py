"""Blobs in blocks of channels side by side, and as Caffe has them."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.kernels.blocked.storage import as_blocks, plain_copy
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import Array, Layer, LayerContext, LayerIO, LayerPlan
from mycaffe_py.layers.blocked.place import Place


class BlockedConcat(Layer):
    """Stands for Concat along channels: bottoms that lie in the top already need no copy."""

    type = "Concat in blocks"
    rows_independent = True
    has_backward = False

    def __init__(self, plain: LayerPlan, bottoms: Sequence[Place], top: Place, name: str) -> None:
        """`plain`: plan of the layer it stands for; where blobs lie; `name` is the top's."""
        self.plain, self.bottoms, self.top, self.name = plain, tuple(bottoms), top, name

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The same top."""
        return LayerPlan(tops=self.plain.tops)

    def forward(self, io: LayerIO) -> None:
        """Copy what does not lie there."""
        first = 0
        for place, bottom in zip(self.bottoms, io.bottoms, strict=True):
            if place.of != self.name or place.first != first:
                self._copy(place, bottom, first, io.tops[0])
            first += place.shape[1]

    def calls(self, io: LayerIO) -> tuple[Call, ...] | None:
        """None at all where all bottoms lie in the top."""
        first = 0
        for place in self.bottoms:
            if place.of != self.name or place.first != first:
                return None
            first += place.shape[1]
        return ()

    def _copy(self, place: Place, bottom: Array, first: int, top: Array) -> None:
        blocks = as_blocks(top, self.top.shape, self.top.whole)
        part = as_blocks(bottom, place.shape, place.whole)
        number = first // blocks.shape[-1]
        blocks[:, number : number + part.shape[1]] = part


class ToPlain(Layer):
    """Lays a blob as Caffe has it for layers that read it so."""

    type = "From blocks"
    rows_independent = True
    has_backward = False

    def __init__(self, place: Place) -> None:
        """`place`: where the blob lies."""
        self.place = place

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The same shape."""
        return LayerPlan(tops=ctx.bottoms)

    def forward(self, io: LayerIO) -> None:
        """Copy, channel behind channel."""
        plain_copy(io.bottoms[0], self.place.shape, self.place.whole, io.tops[0])
