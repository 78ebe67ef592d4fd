"""TanH."""

from __future__ import annotations

from typing import Any

import numpy as np

from mycaffe_py.kernels.activations import tanh_backward
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register
from mycaffe_py.layers.in_place import KEEPS_SIGNS


@register
class TanH(Layer):
    """Squashes every value to between -1 and 1.

    Formula:
        y = tanh(x); dx = dy * (1 - y^2).
    Shapes:
        x and y any shape, the same.
    Source:
        As in Caffe.
    Example:
        layer { name: "squash" type: "TanH" bottom: "x" top: "y" }
    """

    type = "TanH"
    may_be_in_place = True
    rows_independent = True
    backward_reads = ("tops",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The top has the bottom's shape."""
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),))

    def kept_in_place(self, facts: Any) -> tuple[str, ...]:
        """y has the sign of x."""
        return KEEPS_SIGNS

    def forward(self, io: LayerIO) -> None:
        """Squash; x may be y."""
        np.tanh(io.bottoms[0], out=io.tops[0])

    def backward(self, io: LayerIO) -> None:
        """Multiply the gradient by the slope 1 - y^2."""
        dx = io.dbottoms[0]
        if dx is not None:
            tanh_backward(io.tops[0].reshape(-1), io.dtops[0].reshape(-1), dx.reshape(-1))
