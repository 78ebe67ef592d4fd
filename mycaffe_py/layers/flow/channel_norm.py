"""ChannelNorm: the length of what the channels hold at each place."""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@register
class ChannelNorm(Layer):
    """The length of the vector of channels at each place.

    Formula:
        y = sqrt(sum over c of x_c^2); dx = dy x / y, 0 where y is.
    Shapes:
        x (N, C, H, W); y (N, 1, H, W).
    Source:
        Ilg and others: FlowNet 2.0: Evolution of Optical Flow Estimation with Deep Networks, 2017.
        As in its Caffe, which adds 1e-9 to y where it divides by it.
    Example:
        layer { name: "length" type: "ChannelNorm" bottom: "x" top: "length" }
    """

    type = "ChannelNorm"
    rows_independent = True
    backward_reads = ("bottoms", "tops")
    example = ((2, 3, 4, 5),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """One channel is left."""
        (shape,) = ctx.shapes
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="maps, (N, C, H, W)",
            )
        return LayerPlan(tops=(BlobSpec((shape[0], 1, *shape[2:])),))

    def forward(self, io: LayerIO) -> None:
        """The root of the sum of squares."""
        x = io.bottoms[0]
        np.sqrt(np.einsum("nchw,nchw->nhw", x, x), out=io.tops[0][:, 0])

    def backward(self, io: LayerIO) -> None:
        """The direction of x, as long as dy."""
        dx, y = io.dbottoms[0], io.tops[0]
        if dx is not None:
            scale = np.divide(io.dtops[0], y, out=np.zeros_like(y), where=y != 0)
            np.multiply(io.bottoms[0], scale, out=dx)
