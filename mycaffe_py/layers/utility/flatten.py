"""Flatten: several axes become one."""

from __future__ import annotations

import math

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@register
class Flatten(Layer):
    """Joins the axes from `axis` to `end_axis` into one.

    Formula:
        y = x under another shape; dx = dy likewise.
    Shapes:
        x (N, C, H, W), y (N, C * H * W) with the defaults axis 1 and end_axis -1; the top shares
        the bottom's memory, and its gradient too.
    Source:
        As in Caffe.
    Example:
        layer { name: "flat" type: "Flatten" bottom: "x" top: "y" }
    """

    type = "Flatten"
    is_linear = True
    rows_independent = True
    example = ((2, 3, 2, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """One axis in place of several."""
        (shape,) = ctx.shapes
        options = ctx.param.flatten_param
        first = ctx.axis(options.axis, ("flatten_param", "axis"))
        last = ctx.axis(options.end_axis, ("flatten_param", "end_axis"))
        if last < first:
            raise ctx.error(
                f"end_axis {options.end_axis} lies before axis {options.axis}",
                at=("flatten_param", "end_axis"),
                wanted=f"the bottom is {shape}",
            )
        flat = (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :])
        return LayerPlan(tops=(BlobSpec(flat),), views={0: 0}, views_gradient=True)

    def forward(self, io: LayerIO) -> None:
        """Nothing to compute: the top is a view."""

    def backward(self, io: LayerIO) -> None:
        """Nothing to compute: the gradient is a view."""
