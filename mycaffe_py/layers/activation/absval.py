"""AbsVal: the absolute value."""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@register
class AbsVal(Layer):
    """Absolute value of every element.

    Formula:
        y = |x|; dx = dy * sign(x), where sign(0) = 0.
    Shapes:
        x and y any shape, the same.
    Source:
        As in Caffe, which refuses to work in place. A NaN stays NaN, in the gradient too.
    Example:
        layer { name: "size" type: "AbsVal" bottom: "x" top: "y" }
    """

    type = "AbsVal"
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The top has the bottom's shape."""
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),))

    def forward(self, io: LayerIO) -> None:
        """Drop the signs."""
        np.abs(io.bottoms[0], out=io.tops[0])

    def backward(self, io: LayerIO) -> None:
        """Give the gradient the signs."""
        dx = io.dbottoms[0]
        if dx is not None:
            np.sign(io.bottoms[0], out=dx)
            dx *= io.dtops[0]
