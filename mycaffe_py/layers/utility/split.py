"""Split: one blob under several names."""

from __future__ import annotations

from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import (
    ANY,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)


@register
class Split(Layer):
    """Shows one blob under several names, so that several layers can read it.

    Formula:
        y_k = x for every top k; dx = sum over k of dy_k, added in the order of the tops.
    Shapes:
        x and every y any shape, the same; the tops share the bottom's memory.
    Source:
        As in Caffe, which inserts such a layer wherever a blob has several readers; so do we.
    Example:
        layer { name: "x_split" type: "Split" bottom: "x" top: "x_0" top: "x_1" }
    """

    type = "Split"
    is_linear = True
    top_count = ANY
    rows_independent = True
    example = ((2, 3),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Every top shows the memory of the bottom."""
        (spec,) = ctx.bottoms
        top = BlobSpec(spec.shape, spec.label_count, spec.labels)
        tops = (top,) * ctx.top_count
        return LayerPlan(tops=tops, views=dict.fromkeys(range(ctx.top_count), 0))

    def forward(self, io: LayerIO) -> None:
        """Nothing to compute: the tops are views."""

    def calls(self, io: LayerIO) -> tuple[Call, ...]:
        """None at all."""
        return ()

    def backward(self, io: LayerIO) -> None:
        """Add up the gradients of the tops."""
        dx = io.dbottoms[0]
        if dx is None:
            return
        dx[...] = io.dtops[0]
        for dy in io.dtops[1:]:
            dx += dy
