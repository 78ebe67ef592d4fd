"""Sigmoid."""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.activations import sigmoid_backward
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@register
class Sigmoid(Layer):
    """Squashes every value to between 0 and 1.

    Formula:
        y = 1 / (1 + exp(-x)), computed as tanh(x / 2) / 2 + 1/2, which never overflows;
        dx = dy * y * (1 - y).
    Shapes:
        x and y any shape, the same.
    Source:
        As in Caffe.
    Example:
        layer { name: "squash" type: "Sigmoid" bottom: "x" top: "y" }
    """

    type = "Sigmoid"
    may_be_in_place = True
    rows_independent = True
    backward_reads = ("tops",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The top has the bottom's shape."""
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),))

    def forward(self, io: LayerIO) -> None:
        """Squash; x may be y."""
        x, y = io.bottoms[0], io.tops[0]
        np.multiply(x, 0.5, out=y)
        np.tanh(y, out=y)
        np.multiply(y, 0.5, out=y)
        np.add(y, 0.5, out=y)

    def backward(self, io: LayerIO) -> None:
        """Multiply the gradient by the slope y * (1 - y)."""
        dx = io.dbottoms[0]
        if dx is not None:
            sigmoid_backward(io.tops[0].reshape(-1), io.dtops[0].reshape(-1), dx.reshape(-1))
