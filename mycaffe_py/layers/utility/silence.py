"""Silence: a reader for blobs nobody else reads."""

from __future__ import annotations

from mycaffe_py.layers.base import ANY, NONE, Layer, LayerContext, LayerIO, LayerPlan, register


@register
class Silence(Layer):
    """Reads blobs and makes nothing of them, so that they do not count as outputs of the net.

    Formula:
        no top; dx = 0.
    Shapes:
        every x any shape.
    Source:
        As in Caffe.
    Example:
        layer { name: "quiet" type: "Silence" bottom: "x" bottom: "t" }
    """

    type = "Silence"
    bottom_count = ANY
    top_count = NONE
    rows_independent = True
    example = ((2, 3), (2,))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """It has no tops."""
        return LayerPlan()

    def forward(self, io: LayerIO) -> None:
        """Nothing to compute."""

    def backward(self, io: LayerIO) -> None:
        """The gradients are 0, as the loss does not depend on the bottoms."""
        for dx in io.dbottoms:
            if dx is not None:
                dx.fill(0)
