"""Pooling of pictures in blocks of channels."""

from __future__ import annotations

from mycaffe_py.kernels.blocked.pool import pool_call
from mycaffe_py.kernels.blocked.storage import block_count, image_elements
from mycaffe_py.kernels.sharing import Call, perform
from mycaffe_py.layers.base import Layer, LayerContext, LayerIO, LayerPlan
from mycaffe_py.layers.blocked.place import Place
from mycaffe_py.layers.vision.pooling import PoolingFacts


class BlockedPooling(Layer[PoolingFacts]):
    """Stands for Pooling, forward only, where both blobs lie in blocks of channels."""

    type = "Pooling in blocks"
    rows_independent = True
    has_backward = False

    def __init__(self, plain: LayerPlan[PoolingFacts], x: Place, y: Place) -> None:
        """`plain`: the plan of the layer it stands for; `x` and `y`: where the blobs lie."""
        self.plain, self.x, self.y = plain, x, y

    def plan(self, ctx: LayerContext) -> LayerPlan[PoolingFacts]:
        """The same tops."""
        return LayerPlan(tops=self.plain.tops, facts=self.plain.facts)

    def forward(self, io: LayerIO[PoolingFacts]) -> None:
        """Pool block by block."""
        perform(self._call(io))

    def calls(self, io: LayerIO[PoolingFacts]) -> tuple[Call, ...]:
        """One kernel."""
        return (self._call(io),)

    def _call(self, io: LayerIO[PoolingFacts]) -> Call:
        window = io.facts.window
        x, y, dtype = self.x, self.y, io.tops[0].dtype
        return pool_call(
            io.bottoms[0],
            x.shape[0],
            block_count(x.shape[1], dtype),
            tuple(image_elements(one.whole, one.shape[2], one.shape[3], dtype) for one in (x, y)),
            (x.shape[2], x.shape[3]),
            (y.shape[2], y.shape[3]),
            (window.kernel, window.stride, window.pad),
            io.facts.maximum,
            io.tops[0],
        )
