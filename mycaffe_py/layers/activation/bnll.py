"""BNLL: binomial normal log likelihood."""

from __future__ import annotations

from mycaffe_py.kernels.elementwise import bnll_backward, bnll_forward
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@register
class BNLL(Layer):
    """A rectifier without the corner: 0 far below zero, x far above.

    Formula:
        y = log(1 + exp(x)), computed as max(x, 0) + log(1 + exp(-|x|)), which never overflows;
        dx = dy * e / (e + 1) with e = exp(min(x, 50)).
    Shapes:
        x and y any shape, the same.
    Source:
        As in Caffe, whose gradient is wrong in place, as it needs x: here that is refused where
        one is wanted.
    Example:
        layer { name: "soft" type: "BNLL" bottom: "x" top: "y" }
    """

    type = "BNLL"
    forward_in_place = True
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The top has the bottom's shape."""
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),))

    def forward(self, io: LayerIO) -> None:
        """Logarithm of 1 + exp(x)."""
        bnll_forward(io.bottoms[0].reshape(-1), io.tops[0].reshape(-1))

    def backward(self, io: LayerIO) -> None:
        """Multiply the gradient by the sigmoid of x."""
        dx = io.dbottoms[0]
        if dx is not None:
            bnll_backward(io.bottoms[0].reshape(-1), io.dtops[0].reshape(-1), dx.reshape(-1))
